//! Bans from rooms, and mutes in them.

use crate::store::{
    Db, Tx, build, chunks, on, push_ids,
    users::{AuthorRow, avatar_link},
};
use protocol::{
    id::{RoomId, UserId},
    room::MemberRestriction,
    time::Time,
    user::Author,
};
use sqlx::FromRow;

/// The two kinds of restriction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestrictionKind {
    Ban,
    Mute,
}

impl RestrictionKind {
    /// The word as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ban => "ban",
            Self::Mute => "mute",
        }
    }
}

#[derive(Clone, Debug, FromRow)]
struct RestrictionRow {
    #[sqlx(flatten)]
    user: AuthorRow,
    created_by: UserId,
    creator_username: String,
    creator_display_name: String,
    creator_avatar: Option<String>,
    reason: String,
    until: Option<Time>,
    created_at: Time,
}

impl RestrictionRow {
    fn restriction(self) -> MemberRestriction {
        MemberRestriction {
            user: self.user.author(),
            created_by: Author {
                id: self.created_by,
                username: self.creator_username,
                display_name: self.creator_display_name,
                avatar_url: avatar_link(self.creator_avatar.as_deref()),
            },
            reason: self.reason,
            until: self.until,
            created_at: self.created_at,
        }
    }
}

macro_rules! select_restriction {
    ($rest:literal) => {
        concat!(
            "select x.user_id, u.username, u.display_name, u.avatar, x.created_by, b.username as creator_username, \
             b.display_name as creator_display_name, b.avatar as creator_avatar, x.reason, x.until, x.created_at \
             from room_restrictions x join users u on u.id = x.user_id join users b on b.id = x.created_by ",
            $rest
        )
    };
}

/// A new ban or mute.
pub struct NewRestriction<'a> {
    pub kind: RestrictionKind,
    pub room: RoomId,
    pub user: UserId,
    pub reason: &'a str,
    pub until: Option<Time>,
    pub created_by: UserId,
    pub at: Time,
}

/// Stores a ban or mute in the place of an earlier one, and deletes those of the room that have ended.
pub async fn put(tx: &mut Tx, new: &NewRestriction<'_>) -> sqlx::Result<()> {
    const PURGE: &str = "delete from room_restrictions where room_id = $1 and kind = $2 and until <= $3";
    const PUT: &str = "insert into room_restrictions (room_id, kind, user_id, reason, until, created_by, created_at) \
        values ($1, $2, $3, $4, $5, $6, $7) on conflict (room_id, kind, user_id) do update set reason = excluded.reason, \
        until = excluded.until, created_by = excluded.created_by, created_at = excluded.created_at";
    let kind = new.kind.as_str();
    on!(&mut *tx, tx => sqlx::query(PURGE).bind(new.room).bind(kind).bind(new.at).execute(&mut **tx).await.map(|_| ()))?;
    on!(tx, tx => sqlx::query(PUT)
        .bind(new.room).bind(kind).bind(new.user).bind(new.reason).bind(new.until).bind(new.created_by).bind(new.at)
        .execute(&mut **tx).await.map(|_| ()))
}

/// Deletes a ban or mute; returns whether there was one, ended or not.
pub async fn delete(tx: &mut Tx, kind: RestrictionKind, room: RoomId, user: UserId) -> sqlx::Result<bool> {
    const DELETE: &str = "delete from room_restrictions where room_id = $1 and kind = $2 and user_id = $3";
    on!(tx, tx => Ok(sqlx::query(DELETE)
        .bind(room).bind(kind.as_str()).bind(user).execute(&mut **tx).await?.rows_affected() > 0))
}

/// A ban or mute that has not ended.
pub async fn find(
    tx: &mut Tx,
    kind: RestrictionKind,
    room: RoomId,
    user: UserId,
    now: Time,
) -> sqlx::Result<Option<MemberRestriction>> {
    const FIND: &str = select_restriction!(
        "where x.room_id = $1 and x.kind = $2 and x.user_id = $3 and (x.until is null or x.until > $4)"
    );
    let row: Option<RestrictionRow> = on!(tx, tx => sqlx::query_as(FIND)
        .bind(room).bind(kind.as_str()).bind(user).bind(now).fetch_optional(&mut **tx).await)?;
    Ok(row.map(RestrictionRow::restriction))
}

/// Those of these users who have a ban or mute in the room that does not end before a time.
pub async fn list_users(
    tx: &mut Tx,
    kind: RestrictionKind,
    room: RoomId,
    users: &[UserId],
    now: Time,
) -> sqlx::Result<Vec<UserId>> {
    let mut found = Vec::new();
    for users in chunks(users) {
        let rows: Vec<UserId> = build!(&mut *tx, tx, query => {
            query.push("select user_id from room_restrictions where room_id = ").push_bind(room).push(" and kind = ")
                .push_bind(kind.as_str()).push(" and (until is null or until > ").push_bind(now)
                .push(") and user_id in (");
            push_ids!(query, users);
        }, query.build_query_scalar().fetch_all(&mut **tx).await?);
        found.extend(rows);
    }
    Ok(found)
}

/// A page of the bans or mutes of a room that have not ended, by user id after one.
pub async fn list(
    db: &Db,
    kind: RestrictionKind,
    room: RoomId,
    (now, after, limit): (Time, UserId, u32),
) -> sqlx::Result<Vec<MemberRestriction>> {
    const LIST: &str = select_restriction!(
        "where x.room_id = $1 and x.kind = $2 and x.user_id > $3 and (x.until is null or x.until > $4) \
         order by x.user_id limit $5"
    );
    let rows: Vec<RestrictionRow> = on!(db, pool => sqlx::query_as(LIST)
        .bind(room).bind(kind.as_str()).bind(after).bind(now).bind(i64::from(limit)).fetch_all(pool).await)?;
    Ok(rows.into_iter().map(RestrictionRow::restriction).collect())
}
