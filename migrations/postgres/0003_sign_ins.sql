-- A row of sessions is a sign-in or a personal access token (kind); access says how far it reaches, authenticated_at when
-- the password was last given in it, token_hash by what a personal access token is found.
alter table sessions add column kind text not null default 'sign_in';
alter table sessions add column access text not null default 'full';
alter table sessions add column label text;
alter table sessions add column device text not null default '';
alter table sessions add column browser text not null default '';
alter table sessions add column authenticated_at bigint not null default 0;
alter table sessions add column token_hash bytea;
create unique index sessions_token on sessions (token_hash) where token_hash is not null;
create index sessions_expiry on sessions (expires_at) where ended_at is null;
create index sessions_end on sessions (ended_at) where ended_at is not null;

-- Where a person has signed in from, by a hash: others are told to them as new.
create table devices (
    user_id uuid    not null references users (id),
    hash    bytea   not null,
    seen_at bigint not null,
    primary key (user_id, hash)
);

-- What the service tells a person: notice is JSON, protocol::notification::Notice.
create table notifications (
    id         uuid    not null primary key,
    user_id    uuid    not null references users (id),
    notice     text    not null,
    created_at bigint not null,
    read_at    bigint
);
create index notifications_user on notifications (user_id, id);
create index notifications_age on notifications (created_at);

-- The second factor of a sign-in counts from confirmed_at on; last_step is the last step of time whose code was used.
create table second_factors (
    user_id      uuid    not null primary key references users (id),
    secret       bytea   not null,
    created_at   bigint not null,
    confirmed_at bigint,
    last_step    bigint not null
);

create table recovery_codes (
    user_id uuid    not null references users (id),
    hash    bytea   not null,
    used_at bigint,
    primary key (user_id, hash)
);
