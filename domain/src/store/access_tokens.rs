//! Personal access tokens: rows of `sessions` with their own kind.

use crate::{
    idempotency::IdempotencyKey,
    store::{Db, Tx, on},
};
use protocol::{
    id::{ClientId, SessionId, UserId},
    session::{Access, AccessToken, Scope},
    time::Time,
};
use sqlx::FromRow;

/// Expiry of a token that never expires, because `sessions` requires one: the year 9999.
pub const NO_EXPIRY: Time = Time(253_402_300_799_000);

#[derive(Clone, Debug, FromRow)]
pub struct TokenRow {
    pub id: SessionId,
    label: Option<String>,
    access: Access,
    created_at: Time,
    last_seen_at: Time,
    expires_at: Time,
    ended_at: Option<Time>,
    /// Read only to detect a repeated request.
    #[sqlx(default)]
    pub request_hash: Option<i64>,
}

impl TokenRow {
    /// Whether it can be used.
    pub fn is_valid(&self, now: Time) -> bool {
        self.ended_at.is_none() && self.expires_at > now
    }

    pub fn token(self) -> AccessToken {
        let scope = match self.access {
            Access::Read => Scope::Read,
            Access::Write => Scope::Write,
            Access::Admin | Access::Full => Scope::Admin,
        };
        AccessToken {
            id: self.id,
            label: self.label.unwrap_or_default(),
            scope,
            created_at: self.created_at,
            last_used_at: Some(self.last_seen_at).filter(|at| *at > self.created_at),
            expires_at: Some(self.expires_at).filter(|at| *at < NO_EXPIRY),
            token: None,
        }
    }
}

pub struct NewToken<'a> {
    pub id: SessionId,
    pub user_id: UserId,
    pub label: &'a str,
    pub access: Access,
    pub hash: &'a [u8],
    pub key: Option<&'a IdempotencyKey>,
    pub created_at: Time,
    pub expires_at: Time,
}

pub async fn create(tx: &mut Tx, token: &NewToken<'_>) -> sqlx::Result<()> {
    const CREATE: &str = "insert into sessions (id, user_id, kind, access, label, ip, user_agent, created_at, \
        last_seen_at, expires_at, token_hash, client_key, request_hash) \
        values ($1, $2, 'token', $3, $4, '', '', $5, $5, $6, $7, $8, $9)";
    on!(tx, tx => sqlx::query(CREATE)
        .bind(token.id).bind(token.user_id).bind(token.access).bind(token.label).bind(token.created_at)
        .bind(token.expires_at).bind(token.hash).bind(token.key.map(|key| &key.key)).bind(token.key.map(|key| key.request_hash))
        .execute(&mut **tx).await.map(|_| ()))
}

/// The token with this hash, active or ended.
pub async fn find(db: &Db, hash: &[u8]) -> sqlx::Result<Option<SessionId>> {
    const FIND: &str = "select id from sessions where token_hash = $1";
    on!(db, pool => sqlx::query_scalar(FIND).bind(hash).fetch_optional(pool).await)
}

pub async fn find_in(tx: &mut Tx, hash: &[u8]) -> sqlx::Result<Option<TokenRow>> {
    const FIND: &str =
        "select id, label, access, created_at, last_seen_at, expires_at, ended_at from sessions where token_hash = $1";
    on!(tx, tx => sqlx::query_as(FIND).bind(hash).fetch_optional(&mut **tx).await)
}

/// The token that the user created under this idempotency key, active or ended.
pub async fn find_duplicate(tx: &mut Tx, user: UserId, key: &ClientId) -> sqlx::Result<Option<TokenRow>> {
    const FIND: &str = "select id, label, access, created_at, last_seen_at, expires_at, ended_at, request_hash \
        from sessions where user_id = $1 and client_key = $2";
    on!(tx, tx => sqlx::query_as(FIND).bind(user).bind(key).fetch_optional(&mut **tx).await)
}

/// A user's active tokens, newest first.
pub async fn list(db: &Db, user: UserId, now: Time, limit: i64) -> sqlx::Result<Vec<TokenRow>> {
    const LIST: &str = "select id, label, access, created_at, last_seen_at, expires_at, ended_at from sessions \
        where user_id = $1 and kind = 'token' and ended_at is null and expires_at > $2 order by id desc limit $3";
    on!(db, pool => sqlx::query_as(LIST).bind(user).bind(now).bind(limit).fetch_all(pool).await)
}

pub async fn count(tx: &mut Tx, user: UserId, now: Time) -> sqlx::Result<i64> {
    const COUNT: &str = "select count(*) from sessions \
        where user_id = $1 and kind = 'token' and ended_at is null and expires_at > $2";
    on!(tx, tx => sqlx::query_scalar(COUNT).bind(user).bind(now).fetch_one(&mut **tx).await)
}
