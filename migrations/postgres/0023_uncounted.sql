-- Messages that never count as unread: deleted ones. Clustered by room and seq, as messages are.
create table uncounted (
    room_id uuid    not null,
    seq     bigint  not null,
    primary key (room_id, seq)
);
insert into uncounted (room_id, seq) select room_id, seq from messages where deleted_at is not null;
