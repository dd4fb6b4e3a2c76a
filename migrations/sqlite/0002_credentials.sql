-- When the person showed that mail to their address reaches them. With mail configured, only then is the address theirs
-- (email_key), and theirs alone.
alter table users add column email_verified_at integer;

-- What administrators change while the service runs, as JSON. A key that is not here is as the operator configured it.
create table config (
    key   text not null primary key,
    value text not null
) strict, without rowid;

-- A link that was sent to somebody: one of a kind for each person, so that a new one makes the old one useless. Only a
-- hash of its token is kept. `email` is the address it was sent to; null for one that an administrator handed over.
create table links (
    user_id    blob    not null references users (id),
    kind       text    not null,
    hash       blob    not null unique,
    email      text,
    created_at integer not null,
    expires_at integer not null,
    used_at    integer,
    primary key (user_id, kind)
) strict, without rowid;

-- Invitations to make an account.
create table account_invitations (
    id         blob    not null primary key,
    hash       blob    not null unique,
    role       text    not null,
    uses       integer not null,
    max_uses   integer not null,
    created_by blob    not null references users (id),
    client_key text,
    created_at integer not null,
    expires_at integer not null,
    unique (created_by, client_key)
) strict, without rowid;
