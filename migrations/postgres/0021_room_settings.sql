-- Settings of rooms. permissions is JSON: the permissions that the owner chose, null where all are the defaults.
alter table rooms add column emoji text not null default '';
alter table rooms add column permissions text;
alter table rooms add column member_limit bigint;
alter table rooms add column slow_mode_seconds bigint not null default 0;
alter table rooms add column uploads boolean not null default true;
alter table rooms add column history_visible boolean not null default true;

-- A deleted room keeps an empty row, and its memberships end at the same time as it: its members are told when they resume.
alter table rooms add column deleted_at bigint;
create index rooms_deleted on rooms (deleted_at) where deleted_at is not null;

-- Messages up to this seq are hidden from the member, who joined later a room that hides its history from newcomers.
alter table members add column hidden_until_seq bigint not null default 0;
create index members_hidden on members (user_id, room_id, hidden_until_seq) where left_at is null and hidden_until_seq > 0;
-- When the member last sent a message; written in rooms with slow mode only.
alter table members add column last_sent_at bigint;

-- Bans and mutes; kind is ban or mute. A mute stays when the member leaves and joins again. until is null if it does not end.
create table room_restrictions (
    room_id    uuid    not null references rooms (id),
    kind       text    not null,
    user_id    uuid    not null references users (id),
    reason     text    not null,
    until      bigint,
    created_by uuid    not null references users (id),
    created_at bigint not null,
    primary key (room_id, kind, user_id)
);
