-- Messages that never count as unread: deleted ones and room activity. Clustered by room and seq, as messages are.
create table uncounted (
    room_id uuid    not null,
    seq     bigint  not null,
    primary key (room_id, seq)
);
insert into uncounted (room_id, seq) select room_id, seq from messages where deleted_at is not null;

-- A text, or room activity: then the author is who did it, and the subject the user it was done to.
alter table messages add column kind text not null default 'text';
alter table messages add column subject uuid;
