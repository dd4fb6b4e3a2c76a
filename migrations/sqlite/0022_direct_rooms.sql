-- Direct rooms, what each member sets for a room, default rooms, and room search.

-- The hash of the sorted ids of the members of a direct or group room, whose members never change; null for other rooms.
alter table rooms add column member_key text;
create unique index rooms_member_key on rooms (member_key) where member_key is not null;

-- The words of name and topic as they are searched; null until they are computed, at start.
alter table rooms add column search_text text;

-- When the last message was sent, to the minute: so a busy room is written once a minute.
alter table rooms add column active_at integer not null default 0;
update rooms set active_at = coalesce((select m.sent_at from stream_heads h join messages m on m.room_id = h.room_id
    and m.seq = h.head where h.room_id = rooms.id), created_at);

-- The three orders of room search.
create index rooms_by_name on rooms (name_key, id) where member_key is null;
create index rooms_by_activity on rooms (active_at, id) where member_key is null;
create index rooms_by_members on rooms (member_count, id) where member_key is null;

-- A direct room is hidden from a member until it has a message after this seq.
alter table members add column hidden_seq integer;
alter table members add column muted_until integer;
-- The place that the member gave the room in their list.
alter table members add column position integer;

-- The public rooms that new users join, in order.
create table default_rooms (
    position integer not null primary key,
    room_id  blob    not null references rooms (id)
) strict;
