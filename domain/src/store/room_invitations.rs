//! Room invitations.

use crate::store::{
    Db, Tx, build, chunks, on, push_ids,
    users::{AuthorRow, avatar_link},
};
use protocol::{
    id::{RoomId, RoomInvitationId, UserId},
    room::Visibility,
    room_invitation::{InvitationStatus, RoomInvitation},
    time::Time,
    user::Author,
};
use sqlx::FromRow;
use std::collections::HashMap;
use uuid::Uuid;

#[derive(Clone, Debug, FromRow)]
pub struct InvitationRow {
    pub id: RoomInvitationId,
    pub room_id: RoomId,
    room_name: String,
    visibility: Visibility,
    /// The invited user.
    #[sqlx(flatten)]
    pub user: AuthorRow,
    pub invited_by: UserId,
    inviter_username: String,
    inviter_display_name: String,
    inviter_avatar: Option<String>,
    status: InvitationStatus,
    created_at: Time,
    expires_at: Time,
}

impl InvitationRow {
    /// Status at a given time.
    pub fn status(&self, now: Time) -> InvitationStatus {
        match self.status {
            InvitationStatus::Pending if self.expires_at <= now => InvitationStatus::Expired,
            status => status,
        }
    }

    /// Converts the row to the API's invitation.
    pub fn invitation(self, now: Time) -> RoomInvitation {
        RoomInvitation {
            status: self.status(now),
            id: self.id,
            room_id: self.room_id,
            room_name: self.room_name,
            visibility: self.visibility,
            user: self.user.author(),
            invited_by: Author {
                id: self.invited_by,
                username: self.inviter_username,
                display_name: self.inviter_display_name,
                avatar_url: avatar_link(self.inviter_avatar.as_deref()),
            },
            created_at: self.created_at,
            expires_at: self.expires_at,
        }
    }
}

macro_rules! select_invitation {
    ($rest:literal) => {
        concat!(
            "select i.id, i.room_id, i.room_name, r.visibility, i.user_id, u.username, u.display_name, u.avatar, \
             i.invited_by, b.username as inviter_username, b.display_name as inviter_display_name, \
             b.avatar as inviter_avatar, i.status, i.created_at, i.expires_at from room_invitations i \
             join rooms r on r.id = i.room_id join users u on u.id = i.user_id join users b on b.id = i.invited_by ",
            $rest
        )
    };
}

pub struct NewInvitation<'a> {
    pub id: RoomInvitationId,
    pub room: RoomId,
    pub room_name: &'a str,
    pub user: UserId,
    pub invited_by: UserId,
    pub created_at: Time,
    pub expires_at: Time,
}

pub async fn create(tx: &mut Tx, new: &NewInvitation<'_>) -> sqlx::Result<()> {
    const CREATE: &str = "insert into room_invitations (id, room_id, room_name, user_id, invited_by, status, created_at, \
        expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8)";
    on!(tx, tx => sqlx::query(CREATE)
        .bind(new.id).bind(new.room).bind(new.room_name).bind(new.user).bind(new.invited_by)
        .bind(InvitationStatus::Pending).bind(new.created_at).bind(new.expires_at)
        .execute(&mut **tx).await.map(|_| ()))
}

const FIND: &str = select_invitation!("where i.id = $1");

pub async fn find(db: &Db, id: RoomInvitationId) -> sqlx::Result<Option<InvitationRow>> {
    on!(db, pool => sqlx::query_as(FIND).bind(id).fetch_optional(pool).await)
}

pub async fn find_in(tx: &mut Tx, id: RoomInvitationId) -> sqlx::Result<Option<InvitationRow>> {
    on!(tx, tx => sqlx::query_as(FIND).bind(id).fetch_optional(&mut **tx).await)
}

/// Loads these invitations, oldest first.
pub async fn find_many(tx: &mut Tx, ids: &[RoomInvitationId]) -> sqlx::Result<Vec<InvitationRow>> {
    let mut rows = Vec::with_capacity(ids.len());
    for ids in chunks(ids) {
        let found: Vec<InvitationRow> = build!(&mut *tx, tx, query => {
            query.push(select_invitation!("where i.id in ("));
            push_ids!(query, ids);
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        rows.extend(found);
    }
    rows.sort_unstable_by_key(|row| row.id);
    Ok(rows)
}

/// A page of pending invitations created before one, newest first.
#[derive(Clone, Copy)]
pub struct PendingPage {
    pub now: Time,
    pub before: RoomInvitationId,
    pub limit: u32,
}

/// Pending invitations of a user.
pub async fn list_of_user(db: &Db, user: UserId, page: PendingPage) -> sqlx::Result<Vec<InvitationRow>> {
    const LIST: &str = select_invitation!(
        "where i.user_id = $1 and i.status = 'pending' and i.expires_at > $2 and i.id < $3 order by i.id desc limit $4"
    );
    on!(db, pool => sqlx::query_as(LIST)
        .bind(user).bind(page.now).bind(page.before).bind(i64::from(page.limit)).fetch_all(pool).await)
}

/// Pending invitations to a room.
pub async fn list_of_room(db: &Db, room: RoomId, page: PendingPage) -> sqlx::Result<Vec<InvitationRow>> {
    const LIST: &str = select_invitation!(
        "where i.room_id = $1 and i.status = 'pending' and i.expires_at > $2 and i.id < $3 order by i.id desc limit $4"
    );
    on!(db, pool => sqlx::query_as(LIST)
        .bind(room).bind(page.now).bind(page.before).bind(i64::from(page.limit)).fetch_all(pool).await)
}

/// A user's response to an invitation, or the pending invitation.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct ResponseRow {
    pub id: RoomInvitationId,
    pub user_id: UserId,
    pub status: InvitationStatus,
    pub expires_at: Time,
    pub ended_at: Option<Time>,
}

/// Responses of these users to invitations to a room, except accepted ones.
pub async fn list_responses(tx: &mut Tx, room: RoomId, users: &[UserId]) -> sqlx::Result<Vec<ResponseRow>> {
    let mut rows = Vec::new();
    for users in chunks(users) {
        let found: Vec<ResponseRow> = build!(&mut *tx, tx, query => {
            query.push("select id, user_id, status, expires_at, ended_at from room_invitations \
                where status in ('pending', 'declined') and room_id = ").push_bind(room).push(" and user_id in (");
            push_ids!(query, users);
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        rows.extend(found);
    }
    Ok(rows)
}

/// For each of these users, how many invitations `by` created for them since `since`.
pub async fn count_since(tx: &mut Tx, by: UserId, users: &[UserId], since: Time) -> sqlx::Result<HashMap<UserId, i64>> {
    let mut counts = HashMap::new();
    for users in chunks(users) {
        let found: Vec<(UserId, i64)> = build!(&mut *tx, tx, query => {
            query.push("select user_id, count(*) from room_invitations where invited_by = ").push_bind(by)
                .push(" and created_at > ").push_bind(since).push(" and user_id in (");
            push_ids!(query, users);
            query.push(" group by user_id");
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        counts.extend(found);
    }
    Ok(counts)
}

/// Closes the pending invitations of these users to a room; returns the closed ones.
pub async fn close_into(
    tx: &mut Tx,
    room: RoomId,
    users: &[UserId],
    status: InvitationStatus,
    at: Time,
) -> sqlx::Result<Vec<RoomInvitationId>> {
    let mut closed = Vec::new();
    for users in chunks(users) {
        let found: Vec<(RoomInvitationId,)> = build!(&mut *tx, tx, query => {
            query.push("update room_invitations set status = ").push_bind(status).push(", ended_at = ").push_bind(at)
                .push(" where status = 'pending' and room_id = ").push_bind(room).push(" and user_id in (");
            push_ids!(query, users);
            query.push(" returning id");
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        closed.extend(found.into_iter().map(|(id,)| id));
    }
    Ok(closed)
}

/// Selects pending invitations.
#[derive(Clone, Copy)]
pub enum InvitationFilter {
    One(RoomInvitationId),
    CreatedIn(RoomId, UserId),
    CreatedBy(UserId),
    ToOrBy(UserId),
    InRoom(RoomId),
    /// To a user, by a user.
    Between(UserId, UserId),
}

/// Sets the final status of pending invitations, including expired ones; returns the closed ones.
pub async fn close(
    tx: &mut Tx,
    filter: InvitationFilter,
    status: InvitationStatus,
    at: Time,
) -> sqlx::Result<Vec<RoomInvitationId>> {
    macro_rules! close {
        ($which:literal) => {
            concat!(
                "update room_invitations set status = $1, ended_at = $2 where status = 'pending' and ",
                $which,
                " returning id"
            )
        };
    }
    let (sql, one, other): (_, Uuid, Uuid) = match filter {
        InvitationFilter::One(id) => (close!("id = $3 and id = $4"), id.0, id.0),
        InvitationFilter::CreatedIn(room, user) => (close!("room_id = $3 and invited_by = $4"), room.0, user.0),
        InvitationFilter::InRoom(room) => (close!("room_id = $3 and room_id = $4"), room.0, room.0),
        InvitationFilter::CreatedBy(user) => (close!("invited_by = $3 and invited_by = $4"), user.0, user.0),
        InvitationFilter::ToOrBy(user) => (close!("(user_id = $3 or invited_by = $4)"), user.0, user.0),
        InvitationFilter::Between(user, by) => (close!("user_id = $3 and invited_by = $4"), user.0, by.0),
    };
    on!(tx, tx => sqlx::query_scalar(sql)
        .bind(status).bind(at).bind(one).bind(other).fetch_all(&mut **tx).await)
}

/// Purges a batch of those that expired before a time; returns how many.
pub async fn purge(tx: &mut Tx, before: Time, limit: i64) -> sqlx::Result<i64> {
    const PURGE: &str = "delete from room_invitations where id in \
        (select id from room_invitations where expires_at < $1 order by expires_at limit $2)";
    let rows = on!(tx, tx => sqlx::query(PURGE).bind(before).bind(limit).execute(&mut **tx).await?.rows_affected());
    Ok(i64::try_from(rows).unwrap_or(limit))
}
