-- Ids are 16-byte UUIDs, times Unix milliseconds; both are made by the service's clock, never by the database.

-- One row: whose stream of events this is, its last position, and the position up to which events were compacted away.
create table service (
    id         integer not null primary key check (id = 1),
    epoch      integer not null,
    position   integer not null,
    compacted  integer not null,
    lobby_id   blob    not null
) strict;

create table users (
    id            blob    not null primary key,
    username      text    not null,
    username_key  text    not null unique,
    display_name  text    not null,
    email         text,
    email_key     text    unique,
    password_hash text    not null,
    role          text    not null,
    client_key    text,
    created_at    integer not null
) strict;

create table sessions (
    id           blob    not null primary key,
    user_id      blob    not null references users (id),
    ip           text    not null,
    user_agent   text    not null,
    created_at   integer not null,
    last_seen_at integer not null,
    expires_at   integer not null,
    ended_at     integer
) strict;
create index sessions_user on sessions (user_id);

-- Every refresh token of a live session, replaced ones too: one of those coming back means theft.
create table refresh_tokens (
    hash        blob    not null primary key,
    session_id  blob    not null references sessions (id),
    replaced_at integer
) strict, without rowid;
create index refresh_tokens_session on refresh_tokens (session_id);

create table rooms (
    id           blob    not null primary key,
    name         text    not null,
    name_key     text    not null,
    kind         text    not null,
    visibility   text    not null,
    topic        text    not null,
    description  text    not null,
    member_count integer not null,
    archived     integer not null,
    created_by   blob    references users (id),
    client_key   text,
    created_at   integer not null,
    unique (created_by, client_key)
) strict;
create unique index rooms_public_name on rooms (name_key) where visibility = 'public';
create index rooms_name on rooms (name_key, id);

-- What every message writes to (heads, reads, messages) has no foreign keys: it is written only after the author's row in
-- members was read in the same transaction, and rooms and users are never deleted.

-- The last seq of each room, apart from the room because it changes with every message.
create table heads (
    room_id blob    not null primary key,
    head    integer not null
) strict, without rowid;

-- Who leaves keeps a row, so that an event about them can still be told.
create table members (
    room_id       blob    not null references rooms (id),
    user_id       blob    not null references users (id),
    role          text    not null,
    notifications text    not null,
    favorite      integer not null,
    joined_at     integer not null,
    joined_seq    integer not null,
    left_at       integer,
    primary key (room_id, user_id)
) strict, without rowid;
create index members_user on members (user_id, room_id) where left_at is null;

create table reads (
    user_id  blob    not null,
    room_id  blob    not null,
    read_seq integer not null,
    primary key (user_id, room_id)
) strict, without rowid;

-- Clustered by room and seq: a page of history is one range scan.
create table messages (
    room_id    blob    not null,
    seq        integer not null,
    id         blob    not null unique,
    author_id  blob    not null,
    client_id  text    not null,
    body       text    not null,
    html       text    not null,
    sent_at    integer not null,
    edited_at  integer,
    deleted_at integer,
    version    integer not null,
    primary key (room_id, seq),
    unique (author_id, client_id)
) strict, without rowid;

-- What changed, in the order it was committed. Told to the members of room_id and to user_id.
create table events (
    position integer not null primary key,
    at       integer not null,
    kind     text    not null,
    room_id  blob,
    user_id  blob,
    subject  blob    not null
) strict;
