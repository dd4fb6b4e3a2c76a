//! What people prove who they are with: passwords and e-mail addresses.

use crate::store::{Db, Sql, Tx, build, chunks, on, push_ids, users};
use protocol::{
    id::{SessionId, UserId},
    time::Time,
};
use sqlx::FromRow;

/// How someone is reached and what they prove themselves with.
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
    /// What others know of them, which no good password is made of.
    pub fn user_inputs(&self) -> Vec<String> {
        [Some(&self.username), Some(&self.display_name), self.email.as_ref()].into_iter().flatten().cloned().collect()
    }

    /// The address, once its owner has shown that mail to it arrives.
    pub fn verified_email(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.email_verified_at.is_some())
    }
}

const FIND: &str = "select id, username, display_name, email, email_verified_at, password_hash, deactivated_at from users where id = $1";

pub async fn find(db: &Db, id: UserId) -> sqlx::Result<Option<AccountCredentialsRow>> {
    on!(db, pool => sqlx::query_as(FIND).bind(id).fetch_optional(pool).await)
}

/// The same, locked until the commit on PostgreSQL against a change by another node: what is given here on the strength of
/// a password or a session must not outlive them. Of one person, one command at a time gets so far.
pub async fn lock(tx: &mut Tx, id: UserId) -> sqlx::Result<Option<AccountCredentialsRow>> {
    const LOCK: Sql = Sql {
        sqlite: FIND,
        postgres: "select id, username, display_name, email, email_verified_at, password_hash, deactivated_at from users \
            where id = $1 for no key update",
    };
    let lock = LOCK.on(tx);
    on!(tx, tx => sqlx::query_as(lock).bind(id).fetch_optional(&mut **tx).await)
}

/// By username or e-mail address.
pub async fn find_by_login(db: &Db, key: &str) -> sqlx::Result<Option<AccountCredentialsRow>> {
    match users::find_credentials(db, key).await? {
        Some(row) => find(db, row.id).await,
        None => Ok(None),
    }
}

/// Sets a password in place of another; false when that is no longer the one.
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

/// An address and whose it is: `key` makes it this person's alone.
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

/// Whose address this is, beside the person who asks.
pub async fn find_email_owner(tx: &mut Tx, key: &str, except: UserId) -> sqlx::Result<Option<AccountCredentialsRow>> {
    const FIND: &str = "select id, username, display_name, email, email_verified_at, password_hash, deactivated_at from users \
        where email_key = $1 and id <> $2";
    on!(tx, tx => sqlx::query_as(FIND).bind(key).bind(except).fetch_optional(&mut **tx).await)
}

/// Takes an address from whoever has it without having verified it; they keep it as theirs to verify.
pub async fn clear_unverified(tx: &mut Tx, key: &str, except: UserId) -> sqlx::Result<()> {
    const CLEAR: &str =
        "update users set email_key = null where email_key = $1 and email_verified_at is null and id <> $2";
    on!(tx, tx => sqlx::query(CLEAR).bind(key).bind(except).execute(&mut **tx).await.map(|_| ()))
}

/// Ends every session of a person but one, and forgets their tokens; answers which. Nil is no session.
pub async fn end_sessions(tx: &mut Tx, user: UserId, except: SessionId, at: Time) -> sqlx::Result<Vec<SessionId>> {
    // Whoever is being let in meanwhile on another node is waited for: see `lock`.
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
