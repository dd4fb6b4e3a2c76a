//! Memberships and read positions.

use crate::store::{Backend, Db, INSERT, PAIRS, Tx, build, chunks, on, push_ids, users::AuthorRow};
use protocol::{
    id::{RoomId, UserId},
    room::{Member, NotificationLevel, RoomRole},
    time::Time,
};
use sqlx::FromRow;

#[derive(Clone, Debug, FromRow)]
pub struct MemberRow {
    pub room_id: RoomId,
    #[sqlx(flatten)]
    pub author: AuthorRow,
    pub role: RoomRole,
    pub joined_at: Time,
    pub joined_seq: i64,
    pub left_at: Option<Time>,
    /// Who removed them; `None` when they left voluntarily.
    pub removed_by: Option<UserId>,
    pub hidden_until_seq: i64,
}

impl MemberRow {
    pub fn member(self) -> Member {
        Member {
            room_id: self.room_id,
            user: self.author.author(),
            role: self.role,
            joined_at: self.joined_at,
            joined_seq: self.joined_seq,
            hidden_until_seq: self.hidden_until_seq,
        }
    }

    pub fn is_member(&self) -> bool {
        self.left_at.is_none()
    }
}

macro_rules! select_member {
    ($rest:literal) => {
        concat!(
            "select m.room_id, m.user_id, m.role, m.joined_at, m.joined_seq, m.left_at, m.removed_by, \
             m.hidden_until_seq, u.username, u.display_name, u.avatar \
             from members m join users u on u.id = m.user_id ",
            $rest
        )
    };
}

/// Appends a list of pairs to compare with.
macro_rules! push_pairs {
    ($query:ident, $pairs:expr) => {
        let mut tuples = $query.separated(", ");
        for (room, user) in $pairs {
            tuples
                .push("(")
                .push_bind_unseparated(*room)
                .push_unseparated(", ")
                .push_bind_unseparated(*user)
                .push_unseparated(")");
        }
        $query.push(")");
    };
}
pub(crate) use push_pairs;

pub mod owners;
mod senders;

pub use senders::{SenderMembership, list_sender_memberships, set_last_sent};

/// A member of a room.
pub async fn get(db: &Db, room: RoomId, user: UserId) -> sqlx::Result<Option<MemberRow>> {
    const FIND: &str = select_member!("where m.room_id = $1 and m.user_id = $2 and m.left_at is null");
    on!(db, pool => sqlx::query_as(FIND).bind(room).bind(user).fetch_optional(pool).await)
}

/// A membership row, also of a user who has left.
pub async fn find(tx: &mut Tx, room: RoomId, user: UserId) -> sqlx::Result<Option<MemberRow>> {
    const FIND: &str = select_member!("where m.room_id = $1 and m.user_id = $2");
    on!(tx, tx => sqlx::query_as(FIND).bind(room).bind(user).fetch_optional(&mut **tx).await)
}

/// One range of an index of `members`, however many there are.
const LIST: &str = select_member!(
    "where m.room_id = $1 and m.left_at is null and m.username_key > \
     case when cast($4 as bigint) = 0 then '' else (select username_key from users where id = $2) end \
     order by m.username_key limit $3"
);

/// A page of a room's members by username, after the cursor.
pub async fn list(db: &Db, room: RoomId, after: Option<UserId>, limit: u32) -> sqlx::Result<Vec<MemberRow>> {
    on!(db, pool => sqlx::query_as(LIST)
        .bind(room).bind(after.unwrap_or(UserId(uuid::Uuid::nil()))).bind(i64::from(limit)).bind(i64::from(after.is_some()))
        .fetch_all(pool).await)
}

const LIST_ROOMS: &str = "select room_id from members where user_id = $1 and left_at is null";

pub async fn list_rooms(db: &Db, user: UserId) -> sqlx::Result<Vec<RoomId>> {
    on!(db, pool => sqlx::query_scalar(LIST_ROOMS).bind(user).fetch_all(pool).await)
}

pub async fn list_rooms_in(tx: &mut Tx, user: UserId) -> sqlx::Result<Vec<RoomId>> {
    on!(tx, tx => sqlx::query_scalar(LIST_ROOMS).bind(user).fetch_all(&mut **tx).await)
}

/// Membership rows of these pairs of room and user, also of users who have left.
pub async fn find_many(tx: &mut Tx, pairs: &[(RoomId, UserId)]) -> sqlx::Result<Vec<MemberRow>> {
    let mut rows = Vec::with_capacity(pairs.len());
    for pairs in chunks(pairs) {
        let open = PAIRS.on(tx);
        let found: Vec<_> = build!(&mut *tx, tx, query => {
            query.push(select_member!("where (m.room_id, m.user_id) in")).push(open);
            push_pairs!(query, pairs);
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        rows.extend(found);
    }
    Ok(rows)
}

/// Users who join a room.
pub struct NewMembers<'a> {
    pub room: RoomId,
    /// The last seq of the room: messages sent before they joined do not count as unread.
    pub head: i64,
    pub users: &'a [UserId],
    pub role: RoomRole,
    /// Whether the earlier messages are hidden from them.
    pub hides_history: bool,
    pub at: Time,
}

/// Adds users to a room; replaces the rows of earlier memberships. Returns the number of its members.
pub async fn create(tx: &mut Tx, new: &NewMembers<'_>) -> sqlx::Result<i64> {
    let hidden_until_seq = if new.hides_history { new.head } else { 0 };
    for users in chunks(new.users) {
        build!(&mut *tx, tx, query => {
            query.push("insert into members \
                (room_id, user_id, role, notifications, favorite, joined_at, joined_seq, hidden_until_seq, username_key) ");
            query.push_values(users, |mut row, user| {
                row.push_bind(new.room).push_bind(*user).push_bind(new.role).push_bind(NotificationLevel::All)
                    .push_bind(false).push_bind(new.at).push_bind(new.head).push_bind(hidden_until_seq)
                    .push("(select username_key from users where id = ").push_bind_unseparated(*user)
                    .push_unseparated(")");
            });
            query.push(
                " on conflict (room_id, user_id) do update set username_key = excluded.username_key, \
                 role = excluded.role, notifications = excluded.notifications, favorite = excluded.favorite, \
                 joined_at = excluded.joined_at, joined_seq = excluded.joined_seq, \
                 hidden_until_seq = excluded.hidden_until_seq, left_at = null, removed_by = null, \
                 muted_until = null, position = null, hidden_seq = null",
            );
        }, query.build().execute(&mut **tx).await.map(|_| ())?);
    }
    mark_read(tx, &new.users.iter().map(|user| (*user, new.room, new.head)).collect::<Vec<_>>()).await?;
    adjust_member_count(tx, new.room, i64::try_from(new.users.len()).unwrap_or(i64::MAX)).await
}

/// Ends a membership, after a removal or a voluntary leave.
pub async fn leave(tx: &mut Tx, room: RoomId, user: UserId, removed_by: Option<UserId>, at: Time) -> sqlx::Result<()> {
    const LEAVE: &str = "update members set left_at = $3, removed_by = $4 where room_id = $1 and user_id = $2";
    on!(&mut *tx, tx => sqlx::query(LEAVE)
        .bind(room).bind(user).bind(at).bind(removed_by).execute(&mut **tx).await.map(|_| ()))?;
    adjust_member_count(tx, room, -1).await.map(|_| ())
}

/// Restores a membership that ended, as it was. Returns the number of the room's members.
pub async fn restore(tx: &mut Tx, room: RoomId, user: UserId) -> sqlx::Result<i64> {
    const RESTORE: &str = "update members set left_at = null, removed_by = null, \
        username_key = (select username_key from users where id = $2) where room_id = $1 and user_id = $2";
    on!(&mut *tx, tx => sqlx::query(RESTORE).bind(room).bind(user).execute(&mut **tx).await.map(|_| ()))?;
    adjust_member_count(tx, room, 1).await
}

/// The rooms of a user in which messages are hidden from them, and up to which seq.
pub async fn list_hidden(db: &Db, user: UserId) -> sqlx::Result<Vec<(RoomId, i64)>> {
    on!(db, pool => sqlx::query_as(LIST_HIDDEN).bind(user).fetch_all(pool).await)
}

pub async fn list_hidden_in(tx: &mut Tx, user: UserId) -> sqlx::Result<Vec<(RoomId, i64)>> {
    on!(tx, tx => sqlx::query_as(LIST_HIDDEN).bind(user).fetch_all(&mut **tx).await)
}

const LIST_HIDDEN: &str = "select room_id, hidden_until_seq from members where user_id = $1 and left_at is null \
    and hidden_until_seq > 0";

pub async fn update_role(tx: &mut Tx, room: RoomId, user: UserId, role: RoomRole) -> sqlx::Result<()> {
    const UPDATE: &str = "update members set role = $3 where room_id = $1 and user_id = $2";
    on!(tx, tx => sqlx::query(UPDATE).bind(room).bind(user).bind(role).execute(&mut **tx).await.map(|_| ()))
}

/// Returns the new count.
async fn adjust_member_count(tx: &mut Tx, room: RoomId, change: i64) -> sqlx::Result<i64> {
    const COUNT: &str = "update rooms set member_count = member_count + $2 where id = $1 returning member_count";
    on!(tx, tx => sqlx::query_scalar(COUNT).bind(room).bind(change).fetch_one(&mut **tx).await)
}

/// Number of rooms of each of these users; users without rooms are omitted.
pub async fn count_rooms(tx: &mut Tx, users: &[UserId]) -> sqlx::Result<Vec<(UserId, i64)>> {
    let mut counts = Vec::with_capacity(users.len());
    for users in chunks(users) {
        let found: Vec<(UserId, i64)> = build!(&mut *tx, tx, query => {
            query.push("select user_id, count(*) from members where left_at is null and user_id in (");
            push_ids!(query, users);
            query.push(" group by user_id");
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        counts.extend(found);
    }
    Ok(counts)
}

/// Moves read positions forward, never backwards; the pairs are distinct.
pub async fn mark_read(tx: &mut Tx, read_seqs: &[(UserId, RoomId, i64)]) -> sqlx::Result<()> {
    for read_seqs in chunks(read_seqs) {
        let insert = INSERT.on(tx);
        build!(&mut *tx, tx, query => {
            query.push(insert).push("read_markers (user_id, room_id, read_seq) ");
            query.push_values(read_seqs, |mut row, (user, room, seq)| {
                row.push_bind(*user).push_bind(*room).push_bind(*seq);
            });
            query.push(
                " on conflict (user_id, room_id) do update set read_seq = excluded.read_seq \
                 where excluded.read_seq > read_markers.read_seq",
            );
        }, query.build().execute(&mut **tx).await.map(|_| ())?);
    }
    Ok(())
}

/// Locks the last seq of rooms on PostgreSQL, where other nodes write too, ordered by id so that two nodes cannot
/// deadlock. SQLite has one writer.
pub async fn lock_heads(tx: &mut Tx, rooms: &[RoomId]) -> sqlx::Result<()> {
    let Backend::Postgres(tx) = tx else { return Ok(()) };
    for rooms in chunks(rooms) {
        let mut query =
            sqlx::QueryBuilder::<sqlx_postgres::Postgres>::new("select 1 from stream_heads where room_id in (");
        push_ids!(query, rooms);
        query.push(" order by room_id for update");
        query.build().execute(&mut **tx).await?;
    }
    Ok(())
}

/// Updates the last seq of each room; the rooms are distinct.
pub async fn advance_heads(tx: &mut Tx, heads: &[(RoomId, i64)]) -> sqlx::Result<()> {
    for heads in chunks(heads) {
        let insert = INSERT.on(tx);
        build!(&mut *tx, tx, query => {
            query.push(insert).push("stream_heads (room_id, head) ");
            query.push_values(heads, |mut row, (room, head)| {
                row.push_bind(*room).push_bind(*head);
            });
            query.push(" on conflict (room_id) do update set head = excluded.head");
        }, query.build().execute(&mut **tx).await.map(|_| ())?);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
