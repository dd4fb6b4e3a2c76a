//! Accounts.

use super::{Db, Tx, on};
use protocol::{
    id::UserId,
    time::Time,
    user::{Author, Presence, Role, User},
};
use sqlx::FromRow;

#[derive(Clone, Debug, FromRow)]
pub struct UserRow {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub email: Option<String>,
    pub role: Role,
    pub created_at: Time,
}

impl UserRow {
    /// As everyone sees them.
    pub fn public(self, presence: Presence) -> User {
        User { email: None, ..self.own(presence) }
    }

    /// As they see themselves.
    pub fn own(self, presence: Presence) -> User {
        User {
            id: self.id,
            username: self.username,
            display_name: self.display_name,
            avatar_url: None,
            role: self.role,
            status: None,
            presence,
            created_at: self.created_at,
            email: self.email,
        }
    }
}

/// The columns of an author, in a join.
#[derive(Clone, Debug, FromRow)]
pub struct AuthorRow {
    pub user_id: UserId,
    pub username: String,
    pub display_name: String,
}

impl AuthorRow {
    pub fn author(self) -> Author {
        Author { id: self.user_id, username: self.username, display_name: self.display_name, avatar_url: None }
    }
}

/// What signing in compares against.
#[derive(FromRow)]
pub struct CredentialsRow {
    pub id: UserId,
    pub password_hash: String,
    pub client_key: Option<String>,
}

pub struct NewUser<'a> {
    pub id: UserId,
    pub username: &'a str,
    pub username_key: &'a str,
    pub display_name: &'a str,
    pub email: Option<&'a str>,
    pub email_key: Option<&'a str>,
    pub password_hash: &'a str,
    pub role: Role,
    pub client_key: Option<&'a str>,
    pub created_at: Time,
}

/// Makes the account unless its name or address is taken: the unique indexes decide.
pub async fn create(tx: &mut Tx, user: &NewUser<'_>) -> sqlx::Result<bool> {
    const CREATE: &str = "insert into users (id, username, username_key, display_name, email, email_key, password_hash, \
        role, client_key, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing";
    let made = on!(tx, tx => sqlx::query(CREATE)
        .bind(user.id).bind(user.username).bind(user.username_key).bind(user.display_name).bind(user.email)
        .bind(user.email_key).bind(user.password_hash).bind(user.role).bind(user.client_key).bind(user.created_at)
        .execute(&mut **tx).await?.rows_affected());
    Ok(made > 0)
}

pub async fn any_in(tx: &mut Tx) -> sqlx::Result<bool> {
    on!(tx, tx => Ok(sqlx::query("select id from users limit 1").fetch_optional(&mut **tx).await?.is_some()))
}

pub async fn any(db: &Db) -> sqlx::Result<bool> {
    on!(db, pool => Ok(sqlx::query("select id from users limit 1").fetch_optional(pool).await?.is_some()))
}

const FIND: &str = "select id, username, display_name, email, role, created_at from users where id = $1";

pub async fn find(db: &Db, id: UserId) -> sqlx::Result<Option<UserRow>> {
    on!(db, pool => sqlx::query_as(FIND).bind(id).fetch_optional(pool).await)
}

pub async fn find_in(tx: &mut Tx, id: UserId) -> sqlx::Result<Option<UserRow>> {
    on!(tx, tx => sqlx::query_as(FIND).bind(id).fetch_optional(&mut **tx).await)
}

pub async fn find_named(db: &Db, username_key: &str) -> sqlx::Result<Option<UserRow>> {
    const FIND: &str = "select id, username, display_name, email, role, created_at from users where username_key = $1";
    on!(db, pool => sqlx::query_as(FIND).bind(username_key).fetch_optional(pool).await)
}

/// By username or e-mail address; a username cannot contain `@`, so one index answers.
pub async fn find_credentials(db: &Db, login_key: &str) -> sqlx::Result<Option<CredentialsRow>> {
    const BY_NAME: &str = "select id, password_hash, client_key from users where username_key = $1";
    const BY_ADDRESS: &str = "select id, password_hash, client_key from users where email_key = $1";
    let find = if login_key.contains('@') { BY_ADDRESS } else { BY_NAME };
    on!(db, pool => sqlx::query_as(find).bind(login_key).fetch_optional(pool).await)
}

pub async fn is_name_taken(tx: &mut Tx, username_key: &str) -> sqlx::Result<bool> {
    const FIND: &str = "select id from users where username_key = $1";
    on!(tx, tx => Ok(sqlx::query(FIND).bind(username_key).fetch_optional(&mut **tx).await?.is_some()))
}
