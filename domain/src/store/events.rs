//! Event log, in commit order.

use crate::store::{Db, INSERT, Tx, build, chunks, on};
use protocol::{
    event::{Change, EventKind},
    id::{RoomId, UserId},
    time::Time,
};
use sqlx::FromRow;
use uuid::Uuid;

/// An event to record, and its audience.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Published to the members of this room.
    pub room: Option<RoomId>,
    /// Published to this user.
    pub user: Option<UserId>,
    /// Id of the entity that changed.
    pub subject: Uuid,
    /// The change.
    pub change: Change,
}

/// A logged event; its subject is loaded in the current state.
#[derive(Clone, Debug, FromRow)]
pub struct EventRow {
    pub position: i64,
    pub at: Time,
    pub kind: String,
    pub room_id: Option<RoomId>,
    pub user_id: Option<UserId>,
    pub subject: Uuid,
    /// Bytes of the texts of its message, or of its room if the event has no message.
    pub size: i64,
}

/// Events with their sizes: neither database reads a long text to determine its length.
macro_rules! select_event {
    ($($rest:expr),+) => {
        concat!(
            "select e.position, e.at, e.kind, e.room_id, e.user_id, e.subject, \
             cast(coalesce(octet_length(m.body) + octet_length(m.html), octet_length(r.topic) + octet_length(r.description), 0) \
             as bigint) as size from events e left join messages m on m.id = e.subject \
             left join rooms r on r.id = e.room_id and m.id is null ",
            $($rest),+
        )
    };
}

/// Condition for an event for the user (`$1`): of their current rooms, their own, or the deletion of a room that they were
/// in until then.
macro_rules! is_for_user {
    () => {
        "(e.user_id = $1 or e.room_id in (select room_id from members where user_id = $1 and left_at is null) \
         or (e.kind = 'room.deleted' and exists (select 1 from members o join rooms d on d.id = o.room_id \
         where o.room_id = e.room_id and o.user_id = $1 and o.left_at = d.deleted_at)))"
    };
}

/// Stores the events of a batch, from position `first` on.
pub async fn create(tx: &mut Tx, first: i64, at: Time, entries: &[NewEvent]) -> sqlx::Result<()> {
    let entries: Vec<_> = (first..).zip(entries).collect();
    for entries in chunks(&entries) {
        let insert = INSERT.on(tx);
        build!(&mut *tx, tx, query => {
            query.push(insert).push("events (position, at, kind, room_id, user_id, subject) ");
            query.push_values(entries, |mut row, (position, entry)| {
                row.push_bind(*position).push_bind(at).push_bind(entry.change.kind().name()).push_bind(entry.room)
                    .push_bind(entry.user).push_bind(entry.subject);
            });
        }, query.build().execute(&mut **tx).await.map(|_| ())?);
    }
    Ok(())
}

/// Events in (after, until] for a user. Their rooms are read once, not for
/// each event; an index by room or user would gain little here and slow down every send.
pub async fn list_for_user(tx: &mut Tx, user: UserId, after: i64, until: i64) -> sqlx::Result<Vec<EventRow>> {
    const LIST: &str =
        select_event!("where e.position > $2 and e.position <= $3 and ", is_for_user!(), " order by e.position");
    on!(tx, tx => sqlx::query_as(LIST).bind(user).bind(after).bind(until).fetch_all(&mut **tx).await)
}

/// How many events there are in (after, until] for a user, counted up to `limit`.
pub async fn count_for_user(db: &Db, user: UserId, after: i64, until: i64, limit: i64) -> sqlx::Result<i64> {
    const COUNT: &str = concat!(
        "select count(*) from (select 1 from events e where e.position > $2 and e.position <= $3 and ",
        is_for_user!(),
        " limit $4) c"
    );
    on!(db, db => sqlx::query_scalar(COUNT).bind(user).bind(after).bind(until).bind(limit).fetch_one(db).await)
}

/// All events in (after, until].
pub async fn list(tx: &mut Tx, after: i64, until: i64) -> sqlx::Result<Vec<EventRow>> {
    const LIST: &str = select_event!("where e.position > $1 and e.position <= $2 order by e.position");
    on!(tx, tx => sqlx::query_as(LIST).bind(after).bind(until).fetch_all(&mut **tx).await)
}

/// Events of these kinds in (after, until], at most `limit`, without their sizes.
pub async fn list_kinds(
    db: &Db,
    kinds: &[EventKind],
    after: i64,
    until: i64,
    limit: i64,
) -> sqlx::Result<Vec<EventRow>> {
    build!(db, pool, query => {
        query.push("select position, at, kind, room_id, user_id, subject, cast(0 as bigint) as size from events \
            where position > ").push_bind(after).push(" and position <= ").push_bind(until).push(" and kind in (");
        let mut list = query.separated(", ");
        for kind in kinds {
            list.push_bind(kind.name());
        }
        query.push(") order by position limit ").push_bind(limit);
    }, query.build_query_as().fetch_all(pool).await)
}

/// Purges events before a time, oldest first, but none that a follower has not followed yet; returns how many. A follower
/// that is to be rebuilt does not need them.
pub async fn purge(tx: &mut Tx, before: Time, limit: i64) -> sqlx::Result<i64> {
    const LAST: &str = "select max(position) from (select position, at from events order by position limit $2) old \
        where at < $1 and position <= coalesce((select min(position) from followers where not rebuild), position)";
    const DELETE: &str = "delete from events where position <= $1";
    const SET_COMPACTED: &str = "update service set compacted = $1 where id = 1";
    let last: Option<i64> =
        on!(&mut *tx, tx => sqlx::query_scalar(LAST).bind(before).bind(limit).fetch_one(&mut **tx).await)?;
    let Some(last) = last else { return Ok(0) };
    let rows = on!(&mut *tx, tx => sqlx::query(DELETE).bind(last).execute(&mut **tx).await?.rows_affected());
    on!(tx, tx => sqlx::query(SET_COMPACTED).bind(last).execute(&mut **tx).await.map(|_| ()))?;
    Ok(i64::try_from(rows).unwrap_or(limit))
}
