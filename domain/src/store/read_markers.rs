//! Read markers, and what is unread after them.

use crate::store::{
    Db, INSERT, PAIRS, Tx, build, chunks,
    members::push_pairs,
    on, push_ids,
    rooms::{read_seq, seqs, uncounted_columns},
};
use protocol::{
    event::ReadMarker,
    id::{MessageId, RoomId, UserId},
    limits,
};
use sqlx::FromRow;
use std::collections::BTreeMap;

#[derive(FromRow)]
struct ReadMarkerRow {
    room_id: RoomId,
    user_id: UserId,
    head: i64,
    read_seq: i64,
    uncounted: Option<String>,
    blocked_seqs: Option<String>,
}

impl ReadMarkerRow {
    fn marker(&self) -> ReadMarker {
        let excluded = seqs(self.uncounted.as_deref()).chain(seqs(self.blocked_seqs.as_deref()));
        ReadMarker::new(self.room_id, self.head, self.read_seq, excluded)
    }
}

macro_rules! select_marker {
    ($($rest:expr),+) => {
        concat!(
            "select m.room_id, m.user_id, h.head, ", read_seq!(), " as read_seq, ",
            uncounted_columns!(" as uncounted", " as blocked_seqs"),
            " from members m join rooms r on r.id = m.room_id join stream_heads h on h.room_id = m.room_id \
             left join read_markers rd on rd.room_id = m.room_id and rd.user_id = m.user_id where m.left_at is null and ",
            $($rest),+
        )
    };
}

/// The read marker of a member; `None` if the user is not in the room.
pub async fn find(tx: &mut Tx, room: RoomId, user: UserId) -> sqlx::Result<Option<ReadMarker>> {
    const FIND: &str = select_marker!("m.room_id = $1 and m.user_id = $2");
    let row: Option<ReadMarkerRow> =
        on!(tx, tx => sqlx::query_as(FIND).bind(room).bind(user).fetch_optional(&mut **tx).await)?;
    Ok(row.map(|row| row.marker()))
}

/// Read markers of these pairs of room and user; those of users who are not in the room are omitted.
pub async fn find_many(tx: &mut Tx, pairs: &[(RoomId, UserId)]) -> sqlx::Result<Vec<(UserId, ReadMarker)>> {
    let mut markers = Vec::with_capacity(pairs.len());
    for pairs in chunks(pairs) {
        let open = PAIRS.on(tx);
        let found: Vec<ReadMarkerRow> = build!(&mut *tx, tx, query => {
            query.push(select_marker!("(m.room_id, m.user_id) in")).push(open);
            push_pairs!(query, pairs);
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        markers.extend(found.iter().map(|row| (row.user_id, row.marker())));
    }
    Ok(markers)
}

/// Read markers of a user in the rooms with messages after them, by the rooms' names.
pub async fn list_behind(db: &Db, user: UserId) -> sqlx::Result<Vec<ReadMarker>> {
    const LIST: &str =
        select_marker!("m.user_id = $1 and h.head > ", read_seq!(), " order by r.name_key, r.id limit $2");
    let rows: Vec<ReadMarkerRow> =
        on!(db, pool => sqlx::query_as(LIST).bind(user).bind(room_limit()).fetch_all(pool).await)?;
    Ok(rows.iter().map(ReadMarkerRow::marker).collect())
}

/// How far a user has read a room.
#[derive(FromRow)]
pub struct Position {
    pub room_id: RoomId,
    pub read_seq: i64,
    pub head: i64,
    pub first_unread: Option<MessageId>,
}

/// The positions of a user in the rooms with messages after the read marker, or in one room.
pub async fn list_positions(tx: &mut Tx, user: UserId, room: Option<RoomId>) -> sqlx::Result<Vec<Position>> {
    macro_rules! select_position {
        ($($rest:expr),+) => {
            concat!(
                "select m.room_id, ", read_seq!(), " as read_seq, h.head, (select e.id from messages e \
                 where e.room_id = m.room_id and e.seq > ", read_seq!(), " order by e.seq limit 1) \
                 as first_unread from members m \
                 join stream_heads h on h.room_id = m.room_id \
                 left join read_markers rd on rd.room_id = m.room_id and rd.user_id = m.user_id \
                 where m.left_at is null and m.user_id = $1 and ",
                $($rest),+
            )
        };
    }
    const FIND: &str = select_position!("m.room_id = $2");
    const LIST: &str = select_position!("h.head > ", read_seq!(), " order by m.room_id limit $2");
    match room {
        Some(room) => on!(tx, tx => sqlx::query_as(FIND).bind(user).bind(room).fetch_all(&mut **tx).await),
        None => on!(tx, tx => sqlx::query_as(LIST).bind(user).bind(room_limit()).fetch_all(&mut **tx).await),
    }
}

/// Rooms of a user in which an author's messages are among those that the unread count looks at.
pub async fn list_rooms_behind(tx: &mut Tx, user: UserId, author: UserId) -> sqlx::Result<Vec<RoomId>> {
    // The author has a row in every room that they wrote in.
    const LIST: &str = concat!(
        "select m.room_id from members m join members a on a.room_id = m.room_id and a.user_id = $2 \
        join stream_heads h on h.room_id = m.room_id \
        left join read_markers rd on rd.room_id = m.room_id and rd.user_id = m.user_id \
        where m.user_id = $1 and m.left_at is null and h.head > ",
        read_seq!(),
        " \
        and h.head - ",
        read_seq!(),
        " <= 1000 \
        and exists (select 1 from messages e where e.room_id = m.room_id and e.seq > ",
        read_seq!(),
        " \
        and e.author_id = $2 and e.kind = 'text') order by m.room_id limit $3"
    );
    on!(tx, tx => sqlx::query_scalar(LIST).bind(user).bind(author).bind(room_limit()).fetch_all(&mut **tx).await)
}

/// Of these messages, the first that the user has read in each of their rooms, with its seq.
pub async fn list_read_after(tx: &mut Tx, user: UserId, messages: &[MessageId]) -> sqlx::Result<BTreeMap<RoomId, i64>> {
    let mut first = BTreeMap::new();
    for messages in chunks(messages) {
        let found: Vec<(RoomId, i64)> = build!(&mut *tx, tx, query => {
            query.push("select e.room_id, min(e.seq) from messages e join members m on m.room_id = e.room_id \
                and m.left_at is null join read_markers rd on rd.room_id = m.room_id and rd.user_id = m.user_id \
                where e.seq <= rd.read_seq and m.user_id = ").push_bind(user).push(" and e.id in (");
            push_ids!(query, messages);
            query.push(" group by e.room_id");
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        for (room, seq) in found {
            first.entry(room).and_modify(|first: &mut i64| *first = seq.min(*first)).or_insert(seq);
        }
    }
    Ok(first)
}

/// Moves read markers of a user backwards, never forward; the rooms are distinct.
pub async fn move_back(tx: &mut Tx, user: UserId, positions: &[(RoomId, i64)]) -> sqlx::Result<()> {
    for positions in chunks(positions) {
        let insert = INSERT.on(tx);
        build!(&mut *tx, tx, query => {
            query.push(insert).push("read_markers (user_id, room_id, read_seq) ");
            query.push_values(positions, |mut row, (room, seq)| {
                row.push_bind(user).push_bind(*room).push_bind(*seq);
            });
            query.push(
                " on conflict (user_id, room_id) do update set read_seq = excluded.read_seq \
                 where excluded.read_seq < read_markers.read_seq",
            );
        }, query.build().execute(&mut **tx).await.map(|_| ())?);
    }
    Ok(())
}

/// Excludes messages of a room from everyone's unread count.
pub async fn create_uncounted(tx: &mut Tx, room: RoomId, seqs: &[i64]) -> sqlx::Result<()> {
    for seqs in chunks(seqs) {
        let insert = INSERT.on(tx);
        build!(&mut *tx, tx, query => {
            query.push(insert).push("uncounted (room_id, seq) ");
            query.push_values(seqs, |mut row, seq| {
                row.push_bind(room).push_bind(*seq);
            });
            query.push(" on conflict do nothing");
        }, query.build().execute(&mut **tx).await.map(|_| ())?);
    }
    Ok(())
}

fn room_limit() -> i64 {
    i64::try_from(limits::ROOMS_PER_USER).unwrap_or(i64::MAX)
}
