-- Ids are UUIDs, times Unix milliseconds; both are made by the service's clock, never by the database.

-- One row: whose stream of events this is, its last position, and the position up to which events were compacted away.
create table service (
    id         bigint not null primary key check (id = 1),
    epoch      bigint not null,
    position   bigint not null,
    compacted  bigint not null,
    lobby_id   uuid    not null
);

create table users (
    id            uuid    not null primary key,
    username      text    not null,
    username_key  text    not null unique,
    display_name  text    not null,
    email         text,
    email_key     text    unique,
    password_hash text    not null,
    role          text    not null,
    client_key    text,
    created_at    bigint not null
);

create table sessions (
    id           uuid    not null primary key,
    user_id      uuid    not null references users (id),
    ip           text    not null,
    user_agent   text    not null,
    created_at   bigint not null,
    last_seen_at bigint not null,
    expires_at   bigint not null,
    ended_at     bigint
);
create index sessions_user on sessions (user_id);

-- Every refresh token of a live session, replaced ones too: one of those coming back means theft.
create table refresh_tokens (
    hash        bytea   not null primary key,
    session_id  uuid    not null references sessions (id),
    replaced_at bigint
);
create index refresh_tokens_session on refresh_tokens (session_id);

create table rooms (
    id           uuid    not null primary key,
    name         text    not null,
    name_key     text    not null,
    kind         text    not null,
    visibility   text    not null,
    topic        text    not null,
    description  text    not null,
    member_count bigint not null,
    archived     boolean not null,
    created_by   uuid    references users (id),
    client_key   text,
    created_at   bigint not null,
    unique (created_by, client_key)
);
create unique index rooms_public_name on rooms (name_key) where visibility = 'public';
create index rooms_name on rooms (name_key, id);

-- What every message writes to (heads, reads, messages) has no foreign keys: it is written only after the author's row in
-- members was read in the same transaction, and rooms and users are never deleted.

-- The last seq of each room, apart from the room because it changes with every message.
create table heads (
    room_id uuid    not null primary key,
    head    bigint not null
);

-- Who leaves keeps a row, so that an event about them can still be told.
create table members (
    room_id       uuid    not null references rooms (id),
    user_id       uuid    not null references users (id),
    role          text    not null,
    notifications text    not null,
    favorite      boolean not null,
    joined_at     bigint not null,
    joined_seq    bigint not null,
    left_at       bigint,
    primary key (room_id, user_id)
);
create index members_user on members (user_id, room_id) where left_at is null;

create table reads (
    user_id  uuid    not null,
    room_id  uuid    not null,
    read_seq bigint not null,
    primary key (user_id, room_id)
);

-- Ordered by room and seq: a page of history is one range scan.
create table messages (
    room_id    uuid    not null,
    seq        bigint not null,
    id         uuid    not null unique,
    author_id  uuid    not null,
    client_id  text    not null,
    body       text    not null,
    html       text    not null,
    sent_at    bigint not null,
    edited_at  bigint,
    deleted_at bigint,
    version    bigint not null,
    primary key (room_id, seq),
    unique (author_id, client_id)
);

-- What changed, in the order it was committed. Told to the members of room_id and to user_id.
create table events (
    position bigint not null primary key,
    at       bigint not null,
    kind     text    not null,
    room_id  uuid,
    user_id  uuid,
    subject  uuid    not null
);
