-- The key of each member's username, as in `users`, so that a page of a room's members is one range of an index.
alter table members add column username_key text not null default '';
update members set username_key = (select username_key from users where id = members.user_id);
create index members_name on members (room_id, username_key) where left_at is null;
