-- Client ids come first in the index of messages: those of our own client grow with time, so a new one goes to the end of
-- the index and not to a page of its author's. SQLite cannot drop the index of a constraint, so the table is copied.
create table messages_copy (
    room_id    blob    not null,
    seq        integer not null,
    id         blob    not null unique,
    author_id  blob    not null,
    client_id  text    not null,
    body       text    not null,
    body_hash  integer,
    html       text    not null,
    sent_at    integer not null,
    edited_at  integer,
    deleted_at integer,
    version    integer not null,
    primary key (room_id, seq)
) strict, without rowid;
insert into messages_copy (room_id, seq, id, author_id, client_id, body, body_hash, html, sent_at, edited_at, deleted_at, version)
    select room_id, seq, id, author_id, client_id, body, body_hash, html, sent_at, edited_at, deleted_at, version
    from messages order by room_id, seq;
drop table messages;
alter table messages_copy rename to messages;
create unique index messages_client_id on messages (client_id, author_id);
