-- What people say about themselves, their pictures, and how they like things.
alter table users add column bio text not null default '';
alter table users add column pronouns text not null default '';
alter table users add column time_zone text;
alter table users add column language text;
alter table users add column status_emoji text;
alter table users add column status_text text;
alter table users add column status_expires_at integer;
-- JSON; what is missing in it is as it is for someone new.
alter table users add column settings text not null default '{}';
-- The hash of their picture; null means that initials are drawn.
alter table users add column avatar text;
create index users_avatar on users (avatar) where avatar is not null;
create index users_status on users (status_expires_at) where status_expires_at is not null;

-- Pictures by the hash of what was uploaded, in each size they are shown in. Small and bounded, so they are kept here, where
-- every node and every backup has them.
create table avatars (
    hash  text    not null,
    size  integer not null,
    kind  text    not null,
    bytes blob   not null,
    primary key (hash, size)
) strict;
