-- The name under which a client made a personal access token: a repeat makes no second one.
alter table sessions add column client_key text;
create unique index sessions_client_key on sessions (user_id, client_key) where client_key is not null;
