-- Settings of rooms. permissions is JSON: the permissions that the owner chose, null where all are the defaults.
alter table rooms add column emoji text not null default '';
alter table rooms add column permissions text;
alter table rooms add column member_limit integer;
alter table rooms add column slow_mode_seconds integer not null default 0;
alter table rooms add column uploads integer not null default 1;
alter table rooms add column history_visible integer not null default 1;

-- A deleted room keeps an empty row, and its memberships end at the same time as it: its members are told when they resume.
alter table rooms add column deleted_at integer;
create index rooms_deleted on rooms (deleted_at) where deleted_at is not null;

-- Messages up to this seq are hidden from the member, who joined later a room that hides its history from newcomers.
alter table members add column hidden_until_seq integer not null default 0;
create index members_hidden on members (user_id, room_id, hidden_until_seq) where left_at is null and hidden_until_seq > 0;
-- When the member last sent a message; written in rooms with slow mode only.
alter table members add column last_sent_at integer;

-- Bans and mutes; kind is ban or mute. A mute stays when the member leaves and joins again. until is null if it does not end.
create table room_restrictions (
    room_id    blob    not null references rooms (id),
    kind       text    not null,
    user_id    blob    not null references users (id),
    reason     text    not null,
    until      integer,
    created_by blob    not null references users (id),
    created_at integer not null,
    primary key (room_id, kind, user_id)
) strict, without rowid;
