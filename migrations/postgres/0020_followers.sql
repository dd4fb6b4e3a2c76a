-- Followers: background work that reads the event log or runs from time to time, one row each. position is the last event that was
-- followed, null for a follower without events; attempts counts the failures of the next event; a row with rebuild set does not hold the
-- log. A node runs a follower while it holds the row's lease: each of its writes names the epoch, which the next holder raises.
create table followers (
    name       text    not null primary key,
    position   bigint,
    attempts   bigint not null,
    rebuild    boolean not null,
    epoch      bigint not null,
    holder     uuid,
    expires_at bigint not null,
    ran_at     bigint
);

-- Events that a follower could not apply, and the last error.
create table set_aside_events (
    follower text    not null,
    position bigint not null,
    kind     text    not null,
    subject  uuid    not null,
    error    text    not null,
    at       bigint not null,
    primary key (follower, position)
);
create index set_aside_events_at on set_aside_events (at);

-- Days after which a room's messages are purged; null keeps them.
alter table rooms add column retention_days bigint;
create index rooms_retention on rooms (id) where retention_days is not null;
-- The seq up to which messages were purged: the lowest that remains is greater.
alter table stream_heads add column purged_seq bigint not null default 0;

-- Links that expired long ago are found and purged.
create index one_time_links_expiry on one_time_links (expires_at);
