-- Who removed someone from a room; null for who left by themselves, and is asked before they are brought back.
alter table members add column removed_by blob;

-- Invitations into rooms. status is pending, accepted, declined, revoked or expired; a pending one that is past its time counts
-- as expired. room_name is what the person was told: a private room's later names are not theirs to know.
create table room_invitations (
    id         blob    not null primary key,
    room_id    blob    not null references rooms (id),
    room_name  text    not null,
    user_id    blob    not null references users (id),
    invited_by blob    not null references users (id),
    status     text    not null,
    created_at integer not null,
    expires_at integer not null,
    ended_at   integer
) strict;
create unique index room_invitations_pending on room_invitations (room_id, user_id) where status = 'pending';
create index room_invitations_user on room_invitations (user_id, room_id, id);
create index room_invitations_maker on room_invitations (invited_by);
create index room_invitations_expiry on room_invitations (expires_at);
