//! One-time links sent to users, by the hash of their tokens: one of each kind per user.

use crate::store::{Db, Tx, credentials::AccountCredentialsRow, on};
use protocol::{id::UserId, time::Time};
use sqlx::FromRow;

/// Purpose of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// Resets the password.
    Reset,
    /// Verifies an email address.
    Email,
}

impl LinkKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Email => "email",
        }
    }
}

#[derive(Clone, Debug, FromRow)]
pub struct LinkRow {
    pub user_id: UserId,
    pub email: Option<String>,
    pub expires_at: Time,
    pub used_at: Option<Time>,
}

impl LinkRow {
    /// Whether the address that the link was sent to, if any, is still the account's.
    pub fn matches_email(&self, account: &AccountCredentialsRow) -> bool {
        self.email.is_none() || self.email == account.email
    }
}

pub struct NewLink<'a> {
    pub user_id: UserId,
    pub kind: LinkKind,
    pub hash: &'a [u8],
    pub email: Option<&'a str>,
    pub created_at: Time,
    pub expires_at: Time,
}

/// Stores a link; replaces the user's earlier link of this kind.
pub async fn replace(tx: &mut Tx, link: &NewLink<'_>) -> sqlx::Result<()> {
    const REPLACE: &str = "insert into one_time_links (user_id, kind, hash, email, created_at, expires_at) \
        values ($1, $2, $3, $4, $5, $6) on conflict (user_id, kind) do update set hash = excluded.hash, \
        email = excluded.email, created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = null";
    on!(tx, tx => sqlx::query(REPLACE).bind(link.user_id).bind(link.kind.as_str()).bind(link.hash).bind(link.email)
        .bind(link.created_at).bind(link.expires_at).execute(&mut **tx).await.map(|_| ()))
}

const FIND: &str = "select user_id, email, expires_at, used_at from one_time_links where hash = $1 and kind = $2";

pub async fn find(db: &Db, kind: LinkKind, hash: &[u8]) -> sqlx::Result<Option<LinkRow>> {
    on!(db, pool => sqlx::query_as(FIND).bind(hash).bind(kind.as_str()).fetch_optional(pool).await)
}

pub async fn find_in(tx: &mut Tx, kind: LinkKind, hash: &[u8]) -> sqlx::Result<Option<LinkRow>> {
    on!(tx, tx => sqlx::query_as(FIND).bind(hash).bind(kind.as_str()).fetch_optional(&mut **tx).await)
}

/// The user's link of a kind.
pub async fn find_by_user(db: &Db, kind: LinkKind, user: UserId) -> sqlx::Result<Option<LinkRow>> {
    const FIND: &str =
        "select user_id, email, expires_at, used_at from one_time_links where user_id = $1 and kind = $2";
    on!(db, pool => sqlx::query_as(FIND).bind(user).bind(kind.as_str()).fetch_optional(pool).await)
}

/// Consumes a link; false when it was consumed before. Of two concurrent requests, one succeeds.
pub async fn consume(tx: &mut Tx, hash: &[u8], at: Time) -> sqlx::Result<bool> {
    const CONSUME: &str = "update one_time_links set used_at = $2 where hash = $1 and used_at is null";
    let rows = on!(tx, tx => sqlx::query(CONSUME).bind(hash).bind(at).execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

/// Revokes the user's link of a kind.
pub async fn revoke(tx: &mut Tx, kind: LinkKind, user: UserId) -> sqlx::Result<()> {
    const REVOKE: &str = "delete from one_time_links where user_id = $1 and kind = $2";
    on!(tx, tx => sqlx::query(REVOKE).bind(user).bind(kind.as_str()).execute(&mut **tx).await.map(|_| ()))
}

/// Purges links that expired before a time, oldest first; returns how many.
pub async fn purge(tx: &mut Tx, before: Time, limit: i64) -> sqlx::Result<i64> {
    const PURGE: &str = "delete from one_time_links where hash in \
        (select hash from one_time_links where expires_at < $1 order by expires_at limit $2)";
    let rows = on!(tx, tx => sqlx::query(PURGE).bind(before).bind(limit).execute(&mut **tx).await?.rows_affected());
    Ok(i64::try_from(rows).unwrap_or(limit))
}
