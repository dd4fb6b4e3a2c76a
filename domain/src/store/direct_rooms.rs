//! Direct and group rooms: their members never change, so a key of the members finds them.

use crate::store::{Db, Tx, build, chunks, on, push_ids, rooms::RoomRow, users::AuthorRow};
use protocol::{
    id::{RoomId, UserId},
    room::{RoomKind, Visibility},
    time::Time,
};
use serde::Deserialize;
use sqlx::FromRow;
use std::collections::HashMap;

/// Why a member cannot send messages in a direct room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendRefusal {
    /// The other member's account is deactivated.
    Deactivated,
    /// The member blocks the other.
    Blocking,
    /// The other blocks the member.
    Blocked,
}

/// The [`SendRefusal`] of a member `m` of a room `r`, or null.
macro_rules! send_refusal {
    () => {
        "case when r.kind = 'direct' then (select case when w.deactivated_at is not null then 'deactivated' \
         when exists (select 1 from blocks where user_id = m.user_id and blocked_id = o.user_id) then 'blocking' \
         when exists (select 1 from blocks where user_id = o.user_id and blocked_id = m.user_id) then 'blocked' end \
         from members o join users w on w.id = o.user_id where o.room_id = m.room_id and o.user_id <> m.user_id) end"
    };
}
pub(crate) use send_refusal;

/// The direct or group room with this key.
pub async fn find(tx: &mut Tx, member_key: &str) -> sqlx::Result<Option<RoomId>> {
    const FIND: &str = "select id from rooms where member_key = $1";
    on!(tx, tx => sqlx::query_scalar(FIND).bind(member_key).fetch_optional(&mut **tx).await)
}

/// Creates a room without members, unless there is one with this key, which the unique index decides.
pub async fn create(
    tx: &mut Tx,
    id: RoomId,
    kind: RoomKind,
    (created_by, at): (UserId, Time),
    member_key: &str,
) -> sqlx::Result<bool> {
    const CREATE: &str = "insert into rooms (id, name, name_key, kind, visibility, topic, description, member_count, \
        archived, created_by, created_at, active_at, member_key, search_text) \
        values ($1, '', '', $2, $3, '', '', 0, $4, $5, $6, $6, $7, '') on conflict do nothing";
    const HEAD: &str = "insert into stream_heads (room_id, head) values ($1, 0)";
    let created = on!(&mut *tx, tx => sqlx::query(CREATE)
        .bind(id).bind(kind).bind(Visibility::Private).bind(false).bind(created_by).bind(at).bind(member_key)
        .execute(&mut **tx).await?.rows_affected());
    if created > 0 {
        on!(tx, tx => sqlx::query(HEAD).bind(id).execute(&mut **tx).await.map(|_| ()))?;
    }
    Ok(created > 0)
}

/// Hides a new room from all members but one, until its first message.
pub async fn hide_from_others(tx: &mut Tx, room: RoomId, user: UserId) -> sqlx::Result<()> {
    const HIDE: &str = "update members set hidden_seq = 0 where room_id = $1 and user_id <> $2";
    on!(tx, tx => sqlx::query(HIDE).bind(room).bind(user).execute(&mut **tx).await.map(|_| ()))
}

/// Hides a room from a member until it has a message after this seq, or shows it.
pub async fn set_hidden(tx: &mut Tx, room: RoomId, user: UserId, seq: Option<i64>) -> sqlx::Result<()> {
    const SET: &str = "update members set hidden_seq = $3 where room_id = $1 and user_id = $2";
    on!(tx, tx => sqlx::query(SET).bind(room).bind(user).bind(seq).execute(&mut **tx).await.map(|_| ()))
}

#[derive(FromRow)]
struct DirectMemberRow {
    room_id: RoomId,
    #[sqlx(flatten)]
    author: AuthorRow,
}

/// Query for the members of these rooms, by id.
macro_rules! push_members {
    ($query:ident, $rooms:expr) => {
        $query.push(
            "select m.room_id, m.user_id, u.username, u.display_name, u.avatar from members m \
             join users u on u.id = m.user_id where m.room_id in (",
        );
        push_ids!($query, $rooms);
        $query.push(" order by m.room_id, m.user_id");
    };
}

/// Adds the members of the direct and group rooms among these; none of them, no statement.
pub async fn add_members(db: &Db, rows: &mut [RoomRow]) -> sqlx::Result<()> {
    let mut members = Vec::new();
    for rooms in chunks(&direct_rooms(rows)) {
        let found: Vec<DirectMemberRow> = build!(db, pool, query => {
            push_members!(query, rooms);
        }, query.build_query_as().fetch_all(pool).await?);
        members.extend(found);
    }
    set_members(rows, members);
    Ok(())
}

pub async fn add_members_in(tx: &mut Tx, rows: &mut [RoomRow]) -> sqlx::Result<()> {
    let mut members = Vec::new();
    for rooms in chunks(&direct_rooms(rows)) {
        let found: Vec<DirectMemberRow> = build!(&mut *tx, tx, query => {
            push_members!(query, rooms);
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        members.extend(found);
    }
    set_members(rows, members);
    Ok(())
}

fn direct_rooms(rows: &[RoomRow]) -> Vec<RoomId> {
    let mut rooms: Vec<_> = rows.iter().filter(|row| row.kind.is_direct()).map(|row| row.id).collect();
    rooms.sort_unstable();
    rooms.dedup();
    rooms
}

fn set_members(rows: &mut [RoomRow], members: Vec<DirectMemberRow>) {
    let mut by_room: HashMap<RoomId, Vec<AuthorRow>> = HashMap::new();
    for member in members {
        by_room.entry(member.room_id).or_default().push(member.author);
    }
    for row in rows {
        row.members = by_room.get(&row.id).cloned().unwrap_or_default();
    }
}
