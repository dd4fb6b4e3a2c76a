-- What a name looks like, so that no other looks the same. Null where an older name looks the same already. Filled in at
-- start, as all keys of names are when their rule changes.
alter table users add column lookalike_key text;
create unique index users_lookalike on users (lookalike_key);
alter table rooms add column lookalike_key text;
create unique index rooms_public_lookalike on rooms (lookalike_key) where visibility = 'public';
