//! Sign-ins and their refresh tokens.

use super::{Db, Tx, on};
use crate::device::Device;
use protocol::{
    id::{SessionId, UserId},
    session::Client,
    time::Time,
    user::Role,
};
use sqlx::FromRow;

/// What a token is checked against.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct SessionRow {
    pub user_id: UserId,
    pub role: Role,
    pub expires_at: Time,
    pub ended_at: Option<Time>,
}

pub struct NewSession<'a> {
    pub id: SessionId,
    pub user_id: UserId,
    pub client: &'a Client,
    pub device: Device,
    pub created_at: Time,
    pub expires_at: Time,
}

pub async fn create(tx: &mut Tx, session: &NewSession<'_>) -> sqlx::Result<()> {
    const CREATE: &str = "insert into sessions (id, user_id, ip, user_agent, created_at, last_seen_at, \
        authenticated_at, expires_at, device, browser) values ($1, $2, $3, $4, $5, $5, $5, $6, $7, $8)";
    on!(tx, tx => sqlx::query(CREATE)
        .bind(session.id).bind(session.user_id).bind(&session.client.ip).bind(&session.client.user_agent)
        .bind(session.created_at).bind(session.expires_at).bind(session.device.device).bind(session.device.browser)
        .execute(&mut **tx).await.map(|_| ()))
}

pub async fn find(db: &Db, id: SessionId) -> sqlx::Result<Option<SessionRow>> {
    const FIND: &str = "select s.user_id, u.role, s.expires_at, s.ended_at \
        from sessions s join users u on u.id = s.user_id where s.id = $1 and u.deactivated_at is null";
    on!(db, pool => sqlx::query_as(FIND).bind(id).fetch_optional(pool).await)
}

/// Where a person's latest sessions began.
pub async fn list_addresses(db: &Db, user: UserId) -> sqlx::Result<Vec<String>> {
    const LIST: &str = "select ip from sessions where user_id = $1 order by created_at desc limit 100";
    on!(db, pool => sqlx::query_scalar(LIST).bind(user).fetch_all(pool).await)
}

/// A refresh token, by the hash of its text, and its session.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct RefreshRow {
    pub session_id: SessionId,
    pub user_id: UserId,
    pub replaced_at: Option<Time>,
    pub expires_at: Time,
    pub ended_at: Option<Time>,
}

/// What a person calls a session; what it runs on until they give it a name.
pub async fn find_label(tx: &mut Tx, id: SessionId) -> sqlx::Result<Option<String>> {
    const FIND: &str = "select coalesce(label, browser || ' on ' || device) from sessions where id = $1";
    on!(tx, tx => sqlx::query_scalar(FIND).bind(id).fetch_optional(&mut **tx).await)
}

/// Whether there ever was such a refresh token.
pub async fn knows_refresh(db: &Db, hash: &[u8]) -> sqlx::Result<bool> {
    const FIND: &str = "select 1 from refresh_tokens where hash = $1";
    on!(db, pool => sqlx::query(FIND).bind(hash).fetch_optional(pool).await.map(|row| row.is_some()))
}

pub async fn find_refresh(tx: &mut Tx, hash: &[u8]) -> sqlx::Result<Option<RefreshRow>> {
    const FIND: &str = "select t.session_id, s.user_id, t.replaced_at, s.expires_at, s.ended_at \
        from refresh_tokens t join sessions s on s.id = t.session_id where t.hash = $1";
    on!(tx, tx => sqlx::query_as(FIND).bind(hash).fetch_optional(&mut **tx).await)
}

pub async fn create_refresh(tx: &mut Tx, hash: &[u8], session: SessionId) -> sqlx::Result<()> {
    const CREATE: &str = "insert into refresh_tokens (hash, session_id) values ($1, $2)";
    on!(tx, tx => sqlx::query(CREATE).bind(hash).bind(session).execute(&mut **tx).await.map(|_| ()))
}

/// Uses up a refresh token; false when it was used up before.
pub async fn replace_refresh(tx: &mut Tx, hash: &[u8], at: Time) -> sqlx::Result<bool> {
    const REPLACE: &str = "update refresh_tokens set replaced_at = $2 where hash = $1 and replaced_at is null";
    let rows = on!(tx, tx => sqlx::query(REPLACE).bind(hash).bind(at).execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

/// Notes that a session is in use and lives on.
pub async fn touch(tx: &mut Tx, id: SessionId, seen: Time, expires: Time) -> sqlx::Result<()> {
    const TOUCH: &str = "update sessions set last_seen_at = $2, expires_at = $3 where id = $1";
    on!(tx, tx => sqlx::query(TOUCH).bind(id).bind(seen).bind(expires).execute(&mut **tx).await.map(|_| ()))
}

/// When the password was last given in a session that is not over.
pub async fn find_authenticated_at(db: &Db, id: SessionId) -> sqlx::Result<Option<Time>> {
    const FIND: &str = "select authenticated_at from sessions where id = $1 and ended_at is null";
    on!(db, pool => sqlx::query_scalar(FIND).bind(id).fetch_optional(pool).await)
}

/// Notes that the password was given in a session.
pub async fn authenticate(tx: &mut Tx, id: SessionId, at: Time) -> sqlx::Result<()> {
    const NOTE: &str = "update sessions set authenticated_at = $2 where id = $1";
    on!(tx, tx => sqlx::query(NOTE).bind(id).bind(at).execute(&mut **tx).await.map(|_| ()))
}

/// Ends a session and forgets its tokens; false when it was over already.
pub async fn end(tx: &mut Tx, id: SessionId, at: Time) -> sqlx::Result<bool> {
    const END: &str = "update sessions set ended_at = $2 where id = $1 and ended_at is null";
    const FORGET: &str = "delete from refresh_tokens where session_id = $1";
    let rows = on!(&mut *tx, tx => sqlx::query(END).bind(id).bind(at).execute(&mut **tx).await?.rows_affected());
    on!(tx, tx => sqlx::query(FORGET).bind(id).execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

/// The sessions of a person that are not over.
pub async fn list_live(tx: &mut Tx, user: UserId) -> sqlx::Result<Vec<SessionId>> {
    const LIST: &str = "select id from sessions where user_id = $1 and ended_at is null order by id";
    on!(tx, tx => sqlx::query_scalar(LIST).bind(user).fetch_all(&mut **tx).await)
}
