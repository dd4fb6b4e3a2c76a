-- When the person showed that mail to their address reaches them. With mail configured, only then is the address theirs
-- (email_key), and theirs alone.
alter table users add column email_verified_at bigint;

-- What administrators change while the service runs, as JSON. A key that is not here is as the operator configured it.
create table config (
    key   text not null primary key,
    value text not null
);

-- A link that was sent to somebody: one of a kind for each person, so that a new one makes the old one useless. Only a
-- hash of its token is kept. `email` is the address it was sent to; null for one that an administrator handed over.
create table links (
    user_id    uuid    not null references users (id),
    kind       text    not null,
    hash       bytea   not null unique,
    email      text,
    created_at bigint not null,
    expires_at bigint not null,
    used_at    bigint,
    primary key (user_id, kind)
);

-- Invitations to make an account.
create table account_invitations (
    id         uuid    not null primary key,
    hash       bytea   not null unique,
    role       text    not null,
    uses       bigint not null,
    max_uses   bigint not null,
    created_by uuid    not null references users (id),
    client_key text,
    created_at bigint not null,
    expires_at bigint not null,
    unique (created_by, client_key)
);
