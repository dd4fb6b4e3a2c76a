//! Credentials of users: passwords and email addresses.

use crate::store::{Db, Sql, Tx, build, chunks, on, push_ids, users};
use protocol::{
    id::{SessionId, UserId},
    time::Time,
};
use sqlx::FromRow;

/// Email address and credentials of an account.
#[derive(Clone, FromRow)]
pub struct AccountCredentialsRow {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub email: Option<String>,
    pub email_verified_at: Option<Time>,
    pub password_hash: String,
    pub deactivated_at: Option<Time>,
}

impl AccountCredentialsRow {
    /// Words that others know about the user and that a password should not be based on.
    pub fn user_inputs(&self) -> Vec<String> {
        [Some(&self.username), Some(&self.display_name), self.email.as_ref()].into_iter().flatten().cloned().collect()
    }

    /// The email address if it is verified.
    pub fn verified_email(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.email_verified_at.is_some())
    }
}

const FIND: &str = "select id, username, display_name, email, email_verified_at, password_hash, deactivated_at from users where id = $1";

pub async fn find(db: &Db, id: UserId) -> sqlx::Result<Option<AccountCredentialsRow>> {
    on!(db, pool => sqlx::query_as(FIND).bind(id).fetch_optional(pool).await)
}

/// The same, locked until the commit on PostgreSQL against changes by other nodes: access granted for a password or
/// session must not outlive it. Serialises these commands per user.
pub async fn lock(tx: &mut Tx, id: UserId) -> sqlx::Result<Option<AccountCredentialsRow>> {
    const LOCK: Sql = Sql {
        sqlite: FIND,
        postgres: "select id, username, display_name, email, email_verified_at, password_hash, deactivated_at from users \
            where id = $1 for no key update",
    };
    let lock = LOCK.on(tx);
    on!(tx, tx => sqlx::query_as(lock).bind(id).fetch_optional(&mut **tx).await)
}

/// By username or email address.
pub async fn find_by_login(db: &Db, key: &str) -> sqlx::Result<Option<AccountCredentialsRow>> {
    match users::find_credentials(db, key).await? {
        Some(row) => find(db, row.id).await,
        None => Ok(None),
    }
}

/// Replaces a password; false when `old_hash` is no longer the current one.
pub async fn replace_password(tx: &mut Tx, id: UserId, old_hash: &str, new_hash: &str) -> sqlx::Result<bool> {
    const REPLACE: &str = "update users set password_hash = $3 where id = $1 and password_hash = $2";
    let rows = on!(tx, tx => sqlx::query(REPLACE).bind(id).bind(old_hash).bind(new_hash)
        .execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

pub async fn set_password(tx: &mut Tx, id: UserId, hash: &str) -> sqlx::Result<()> {
    const SET: &str = "update users set password_hash = $2 where id = $1";
    on!(tx, tx => sqlx::query(SET).bind(id).bind(hash).execute(&mut **tx).await.map(|_| ()))
}

/// A new address; `key` reserves it for this user.
pub struct NewEmail<'a> {
    pub email: Option<&'a str>,
    pub key: Option<&'a str>,
    pub verified_at: Option<Time>,
}

pub async fn set_email(tx: &mut Tx, id: UserId, new: &NewEmail<'_>) -> sqlx::Result<()> {
    const SET: &str = "update users set email = $2, email_key = $3, email_verified_at = $4 where id = $1";
    on!(tx, tx => sqlx::query(SET).bind(id).bind(new.email).bind(new.key).bind(new.verified_at)
        .execute(&mut **tx).await.map(|_| ()))
}

/// Owner of this address, other than `except`.
pub async fn find_email_owner(tx: &mut Tx, key: &str, except: UserId) -> sqlx::Result<Option<AccountCredentialsRow>> {
    const FIND: &str = "select id, username, display_name, email, email_verified_at, password_hash, deactivated_at from users \
        where email_key = $1 and id <> $2";
    on!(tx, tx => sqlx::query_as(FIND).bind(key).bind(except).fetch_optional(&mut **tx).await)
}

/// Releases an address from an account that has not verified it; it remains there as an unverified address.
pub async fn clear_unverified(tx: &mut Tx, key: &str, except: UserId) -> sqlx::Result<()> {
    const CLEAR: &str =
        "update users set email_key = null where email_key = $1 and email_verified_at is null and id <> $2";
    on!(tx, tx => sqlx::query(CLEAR).bind(key).bind(except).execute(&mut **tx).await.map(|_| ()))
}

/// Ends every session of a user but one, and deletes their tokens; returns the ended ones. Nil excludes none.
pub async fn end_sessions(tx: &mut Tx, user: UserId, except: SessionId, at: Time) -> sqlx::Result<Vec<SessionId>> {
    // Waits for concurrent logins on other nodes: see `lock`.
    const LOCK: Sql = Sql {
        sqlite: "select id from users where id = $1",
        postgres: "select id from users where id = $1 for no key update",
    };
    const END: &str = "update sessions set ended_at = $3 \
        where user_id = $1 and ended_at is null and id <> $2 returning id";
    let lock = LOCK.on(tx);
    on!(&mut *tx, tx => sqlx::query(lock).bind(user).fetch_optional(&mut **tx).await.map(|_| ()))?;
    let ended: Vec<SessionId> =
        on!(&mut *tx, tx => sqlx::query_scalar(END).bind(user).bind(except).bind(at).fetch_all(&mut **tx).await)?;
    for ids in chunks(&ended) {
        build!(&mut *tx, tx, query => {
            query.push("delete from refresh_tokens where session_id in (");
            push_ids!(query, ids);
        }, query.build().execute(&mut **tx).await.map(|_| ())?);
    }
    Ok(ended)
}
