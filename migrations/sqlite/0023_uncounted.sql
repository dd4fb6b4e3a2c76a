-- Messages that never count as unread: deleted ones. Clustered by room and seq, as messages are.
create table uncounted (
    room_id blob    not null,
    seq     integer not null,
    primary key (room_id, seq)
) strict, without rowid;
insert into uncounted (room_id, seq) select room_id, seq from messages where deleted_at is not null;
