-- The first eight bytes of the SHA-256 of what a client first sent under its name for a thing: the name used again for something
-- else is refused. Null for what was stored before.
alter table messages add column body_hash integer;
alter table rooms add column request_hash integer;
alter table sessions add column request_hash integer;
alter table account_invitations add column request_hash integer;
