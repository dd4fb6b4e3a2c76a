//! Search for rooms with a name: a scan of an index in the order of the results.

use crate::store::{
    Db, Tx, build, chunks, on, push_ids,
    rooms::{RoomRow, findable, from_seen, read_seq, room_columns, room_joins, settings_columns, uncounted_columns},
};
use protocol::{
    id::{RoomId, UserId},
    time::Time,
};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use uuid::Uuid;

/// Words of a query that are compared.
pub const MAX_WORDS: usize = 5;

/// Where a page ended, in each order: the key and the id of its last room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RoomCursor {
    Name(String, Uuid),
    Activity(i64, Uuid),
    Members(i64, Uuid),
}

/// A room with the keys of its order.
#[derive(FromRow)]
pub struct FoundRoomRow {
    pub name_key: String,
    pub active_at: Time,
    #[sqlx(flatten)]
    pub room: RoomRow,
}

/// `$1` is the user, `$2` and `$3` the cursor, `$4` to `$8` the words, `$9` false and `$10` the limit.
macro_rules! select_page {
    ($key:literal, $after:literal, $order:literal, $from:expr, $visible:expr) => {
        concat!(
            "select r.name_key, r.active_at, ",
            room_columns!(),
            $from,
            "where r.member_key is null and (",
            $key,
            ", r.id) ",
            $after,
            " ($2, $3) and r.archived = $9 and r.search_text like $4 and r.search_text like $5 \
             and r.search_text like $6 and r.search_text like $7 and r.search_text like $8 and ",
            $visible,
            " order by ",
            $key,
            $order,
            ", r.id",
            $order,
            " limit $10"
        )
    };
}

/// The page of all rooms that a user may see, and the one of their own rooms, which begins with their memberships.
macro_rules! select_pages {
    ($key:literal, $after:literal, $order:literal) => {
        [
            select_page!($key, $after, $order, from_seen!(), concat!("(m.role is not null or ", findable!(), ")")),
            select_page!(
                $key,
                $after,
                $order,
                concat!("from members m join rooms r on r.id = m.room_id ", room_joins!()),
                "m.user_id = $1 and m.left_at is null"
            ),
        ]
    };
}

const BY_NAME: [&str; 2] = select_pages!("r.name_key", ">", "");
const BY_ACTIVITY: [&str; 2] = select_pages!("r.active_at", "<", " desc");
const BY_MEMBERS: [&str; 2] = select_pages!("r.member_count", "<", " desc");

/// Rooms whose name or topic contains all of these words, after the cursor: those that the user may see, or of a guest
/// their own. The words have only letters, digits and emoji, so they need no escaping.
pub async fn list(
    db: &Db,
    (user, is_guest): (UserId, bool),
    words: &[&str],
    after: &RoomCursor,
    limit: u32,
) -> sqlx::Result<Vec<FoundRoomRow>> {
    let pattern = |n: usize| words.get(n).map_or_else(|| "%".to_owned(), |word| format!("%{word}%"));
    macro_rules! fetch {
        ($pages:expr, $key:expr, $id:expr) => {
            on!(db, pool => sqlx::query_as(if is_guest { $pages[1] } else { $pages[0] }).bind(user).bind($key).bind(*$id)
                .bind(pattern(0)).bind(pattern(1)).bind(pattern(2)).bind(pattern(3)).bind(pattern(4))
                .bind(false).bind(i64::from(limit)).fetch_all(pool).await)
        };
    }
    match after {
        RoomCursor::Name(key, id) => fetch!(BY_NAME, key, id),
        RoomCursor::Activity(key, id) => fetch!(BY_ACTIVITY, *key, id),
        RoomCursor::Members(key, id) => fetch!(BY_MEMBERS, *key, id),
    }
}

/// Notes that these rooms are active.
pub async fn set_active(tx: &mut Tx, rooms: &[RoomId], at: Time) -> sqlx::Result<()> {
    for rooms in chunks(rooms) {
        build!(&mut *tx, tx, query => {
            query.push("update rooms set active_at = ").push_bind(at).push(" where id in (");
            push_ids!(query, rooms);
        }, query.build().execute(&mut **tx).await.map(|_| ())?);
    }
    Ok(())
}

/// Rooms whose search text is not computed yet, with their names and topics.
pub async fn list_unindexed(tx: &mut Tx, limit: i64) -> sqlx::Result<Vec<(RoomId, String, String)>> {
    const LIST: &str = "select id, name, topic from rooms where search_text is null limit $1";
    on!(tx, tx => sqlx::query_as(LIST).bind(limit).fetch_all(&mut **tx).await)
}

pub async fn set_search_text(tx: &mut Tx, room: RoomId, text: &str) -> sqlx::Result<()> {
    const SET: &str = "update rooms set search_text = $2 where id = $1";
    on!(tx, tx => sqlx::query(SET).bind(room).bind(text).execute(&mut **tx).await.map(|_| ()))
}
