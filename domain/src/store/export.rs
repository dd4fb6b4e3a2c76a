//! Queries for the export of a user's data, page by page: no read lasts longer than its page.

use crate::store::{Db, on};
use protocol::{
    id::{AccountInvitationId, MessageId, NotificationId, RoomId, RoomInvitationId, SessionId, UserId},
    room::{NotificationLevel, RoomKind, RoomRole, Visibility},
    room_invitation::InvitationStatus,
    time::Time,
    user::Role,
};
use serde::Serialize;
use sqlx::FromRow;

/// Rows per statement.
pub const PAGE: i64 = 500;
/// Messages of a room scanned per statement for those of one user; also the maximum number found.
const SCAN_ROWS: i64 = 5_000;
const MAX_FOUND: i64 = 200;

/// A session or a personal access token, without its secrets.
#[derive(Debug, FromRow, Serialize)]
pub struct SessionRow {
    pub id: SessionId,
    kind: String,
    access: String,
    label: Option<String>,
    device: String,
    browser: String,
    ip: String,
    user_agent: String,
    created_at: Time,
    last_seen_at: Time,
    expires_at: Time,
    ended_at: Option<Time>,
}

pub async fn list_sessions(db: &Db, user: UserId, after: Option<SessionId>) -> sqlx::Result<Vec<SessionRow>> {
    const LIST: &str = "select id, kind, access, label, device, browser, ip, user_agent, created_at, last_seen_at, \
        expires_at, ended_at from sessions where user_id = $1 and id > $2 order by id limit $3";
    let after = after.map_or_else(uuid::Uuid::nil, |id| id.0);
    on!(db, pool => sqlx::query_as(LIST).bind(user).bind(after).bind(PAGE).fetch_all(pool).await)
}

/// A room that the user is or was in. For a private room that they left, the name is omitted: it may have changed
/// since.
#[derive(Debug, FromRow, Serialize)]
pub struct MembershipRow {
    pub id: RoomId,
    name: Option<String>,
    kind: RoomKind,
    visibility: Visibility,
    role: RoomRole,
    joined_at: Time,
    left_at: Option<Time>,
    notifications: NotificationLevel,
    favorite: bool,
    read_seq: i64,
    #[serde(skip)]
    pub head: i64,
}

pub async fn list_memberships(db: &Db, user: UserId, after: Option<RoomId>) -> sqlx::Result<Vec<MembershipRow>> {
    const LIST: &str = "select r.id, case when m.left_at is null or r.visibility = 'public' then r.name end as name, \
        r.kind, r.visibility, m.role, m.joined_at, m.left_at, m.notifications, m.favorite, \
        coalesce(s.read_seq, 0) as read_seq, h.head from members m join rooms r on r.id = m.room_id \
        join stream_heads h on h.room_id = m.room_id left join read_markers s on s.user_id = m.user_id and s.room_id = m.room_id \
        where m.user_id = $1 and m.room_id > $2 and r.deleted_at is null order by m.room_id limit $3";
    let after = after.map_or_else(uuid::Uuid::nil, |id| id.0);
    on!(db, pool => sqlx::query_as(LIST).bind(user).bind(after).bind(PAGE).fetch_all(pool).await)
}

/// A message of the user.
#[derive(Debug, FromRow, Serialize)]
pub struct MessageRow {
    id: MessageId,
    seq: i64,
    body: String,
    sent_at: Time,
    edited_at: Option<Time>,
    deleted_at: Option<Time>,
}

/// Messages that a user wrote in a room after a seq and up to another, and the seq up to which rows were scanned.
pub async fn list_messages(
    db: &Db,
    room: RoomId,
    user: UserId,
    after: i64,
    head: i64,
) -> sqlx::Result<(Vec<MessageRow>, i64)> {
    const LIST: &str = "select id, seq, body, sent_at, edited_at, deleted_at from messages \
        where room_id = $1 and seq > $2 and seq <= $3 and author_id = $4 and kind = 'text' order by seq limit $5";
    let until = after.saturating_add(SCAN_ROWS).min(head);
    let rows: Vec<MessageRow> = on!(db, pool => sqlx::query_as(LIST)
        .bind(room).bind(after).bind(until).bind(user).bind(MAX_FOUND).fetch_all(pool).await)?;
    let is_all = i64::try_from(rows.len()).unwrap_or(i64::MAX) < MAX_FOUND;
    let until = rows.last().filter(|_| !is_all).map_or(until, |row| row.seq);
    Ok((rows, until))
}

/// A notification.
#[derive(Debug, FromRow)]
pub struct NotificationRow {
    pub id: NotificationId,
    /// JSON.
    pub notice: String,
    pub created_at: Time,
    pub read_at: Option<Time>,
}

pub async fn list_notifications(
    db: &Db,
    user: UserId,
    after: Option<NotificationId>,
) -> sqlx::Result<Vec<NotificationRow>> {
    const LIST: &str = "select id, notice, created_at, read_at from notifications \
        where user_id = $1 and id > $2 order by id limit $3";
    let after = after.map_or_else(uuid::Uuid::nil, |id| id.0);
    on!(db, pool => sqlx::query_as(LIST).bind(user).bind(after).bind(PAGE).fetch_all(pool).await)
}

/// A blocked user.
#[derive(Debug, FromRow, Serialize)]
pub struct BlockRow {
    user_id: UserId,
    username: String,
    created_at: Time,
}

pub async fn list_blocks(db: &Db, user: UserId) -> sqlx::Result<Vec<BlockRow>> {
    const LIST: &str = "select b.blocked_id as user_id, u.username, b.created_at from blocks b \
        join users u on u.id = b.blocked_id where b.user_id = $1 order by b.blocked_id";
    on!(db, pool => sqlx::query_as(LIST).bind(user).fetch_all(pool).await)
}

/// The user's largest avatar: its media type and content.
pub async fn find_avatar(db: &Db, user: UserId) -> sqlx::Result<Option<(String, Vec<u8>)>> {
    const FIND: &str = "select a.kind, a.bytes from users u join avatars a on a.hash = u.avatar where u.id = $1 \
        order by a.size desc limit 1";
    on!(db, pool => sqlx::query_as(FIND).bind(user).fetch_optional(pool).await)
}

/// Login data, without secrets.
#[derive(Debug, FromRow, Serialize)]
pub struct CredentialsRow {
    email: Option<String>,
    email_verified_at: Option<Time>,
    pending_email: Option<String>,
    pending_email_until: Option<Time>,
    second_factor_since: Option<Time>,
    recovery_codes: i64,
}

pub async fn find_credentials(db: &Db, user: UserId) -> sqlx::Result<CredentialsRow> {
    const FIND: &str = "select u.email, u.email_verified_at, l.email as pending_email, \
        l.expires_at as pending_email_until, f.confirmed_at as second_factor_since, \
        (select count(*) from recovery_codes r where r.user_id = u.id) as recovery_codes \
        from users u left join one_time_links l on l.user_id = u.id and l.kind = 'email' and l.used_at is null \
        left join second_factors f on f.user_id = u.id where u.id = $1";
    on!(db, pool => sqlx::query_as(FIND).bind(user).fetch_one(pool).await)
}

/// When the user consumed recovery codes of the current set.
pub async fn list_recovery_code_uses(db: &Db, user: UserId) -> sqlx::Result<Vec<Time>> {
    const LIST: &str = "select used_at from recovery_codes where user_id = $1 and used_at is not null order by used_at";
    on!(db, pool => sqlx::query_scalar(LIST).bind(user).fetch_all(pool).await)
}

/// When the user's known devices were last seen.
pub async fn list_devices(db: &Db, user: UserId) -> sqlx::Result<Vec<Time>> {
    const LIST: &str = "select seen_at from known_devices where user_id = $1 order by seen_at limit $2";
    on!(db, pool => sqlx::query_scalar(LIST).bind(user).bind(PAGE).fetch_all(pool).await)
}

/// An account invitation that the user created, without its code.
#[derive(Debug, FromRow, Serialize)]
pub struct AccountInvitationRow {
    pub id: AccountInvitationId,
    role: Role,
    uses: i64,
    max_uses: i64,
    created_at: Time,
    expires_at: Time,
}

pub async fn list_account_invitations(
    db: &Db,
    user: UserId,
    after: Option<AccountInvitationId>,
) -> sqlx::Result<Vec<AccountInvitationRow>> {
    const LIST: &str = "select id, role, uses, max_uses, created_at, expires_at from account_invitations \
        where created_by = $1 and id > $2 order by id limit $3";
    let after = after.map_or_else(uuid::Uuid::nil, |id| id.0);
    on!(db, pool => sqlx::query_as(LIST).bind(user).bind(after).bind(PAGE).fetch_all(pool).await)
}

/// A room invitation that the user sent or received.
#[derive(Debug, FromRow, Serialize)]
pub struct RoomInvitationRow {
    pub id: RoomInvitationId,
    room_id: RoomId,
    room_name: String,
    user_id: UserId,
    invited_by: UserId,
    status: InvitationStatus,
    created_at: Time,
    expires_at: Time,
    ended_at: Option<Time>,
}

pub async fn list_room_invitations(
    db: &Db,
    user: UserId,
    after: Option<RoomInvitationId>,
) -> sqlx::Result<Vec<RoomInvitationRow>> {
    // A decline is the invited user's data: the inviter only learns that the invitation is closed.
    const LIST: &str = "select id, room_id, room_name, user_id, invited_by, \
        case when status = 'declined' and user_id <> $1 then 'revoked' else status end as status, created_at, \
        expires_at, ended_at from room_invitations where (user_id = $1 or invited_by = $1) and id > $2 \
        order by id limit $3";
    let after = after.map_or_else(uuid::Uuid::nil, |id| id.0);
    on!(db, pool => sqlx::query_as(LIST).bind(user).bind(after).bind(PAGE).fetch_all(pool).await)
}
