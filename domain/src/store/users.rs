//! Users.

use crate::{
    store::{Db, Sql, Tx, build, chunks, is_storable, on, push_ids},
    time_zones,
};
use protocol::{
    id::UserId,
    profile::Profile,
    settings::Settings,
    time::Time,
    user::{AVATAR_DISPLAY_SIZE, Author, Role, Status, avatar_url},
};
use serde::Deserialize;
use sqlx::FromRow;

/// A stored user; what is visible depends on the viewer and the time.
#[derive(Clone, Debug, FromRow)]
pub struct UserRow {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub avatar: Option<String>,
    pub email: Option<String>,
    pub role: Role,
    #[sqlx(flatten)]
    pub status: StatusRow,
    pub time_zone: Option<String>,
    /// JSON.
    settings: String,
    pub created_at: Time,
    pub deactivated_at: Option<Time>,
    /// Counted up to 100.
    pub unread_notifications: i64,
}

impl UserRow {
    /// Settings of the user.
    pub fn settings(&self) -> Settings {
        // Written by us; fields of another version are read as far as possible.
        serde_json::from_str(&self.settings).unwrap_or_default()
    }

    /// The short form shown beside messages.
    pub fn into_author(self) -> Author {
        let avatar_url = avatar_link(self.avatar.as_deref());
        Author { id: self.id, username: self.username, display_name: self.display_name, avatar_url }
    }
}

/// A status, which may have expired.
#[derive(Clone, Debug, FromRow)]
pub struct StatusRow {
    #[sqlx(rename = "status_emoji")]
    emoji: Option<String>,
    #[sqlx(rename = "status_text")]
    text: Option<String>,
    #[sqlx(rename = "status_expires_at")]
    expires_at: Option<Time>,
}

impl StatusRow {
    pub fn at(self, now: Time) -> Option<Status> {
        let Self { emoji, text, expires_at } = self;
        let has_status = emoji.is_some() || text.is_some();
        (has_status && expires_at.is_none_or(|at| now < at)).then_some(Status { emoji, text, expires_at })
    }
}

/// Columns of a profile.
#[derive(Clone, Debug, FromRow)]
pub struct ProfileRow {
    pub display_name: String,
    bio: String,
    pronouns: String,
    time_zone: Option<String>,
    language: Option<String>,
    #[sqlx(flatten)]
    status: StatusRow,
}

impl ProfileRow {
    /// The profile at a given time.
    pub fn profile(self, now: Time) -> Profile {
        let Self { display_name, bio, pronouns, time_zone, language, status } = self;
        let local_time = time_zone.as_deref().and_then(|zone| time_zones::time_in(zone, now));
        Profile { display_name, bio, pronouns, time_zone, local_time, language, status: status.at(now) }
    }
}

/// Columns of an author, in a join.
#[derive(Clone, Debug, FromRow, Deserialize)]
pub struct AuthorRow {
    pub user_id: UserId,
    pub username: String,
    pub display_name: String,
    pub avatar: Option<String>,
}

impl AuthorRow {
    pub fn author(self) -> Author {
        let avatar_url = avatar_link(self.avatar.as_deref());
        Author { id: self.user_id, username: self.username, display_name: self.display_name, avatar_url }
    }
}

/// URL of an avatar.
pub fn avatar_link(avatar: Option<&str>) -> Option<String> {
    avatar.map(|hash| avatar_url(hash, AVATAR_DISPLAY_SIZE))
}

/// Credentials for a login.
#[derive(FromRow)]
pub struct CredentialsRow {
    pub id: UserId,
    pub password_hash: String,
    pub client_key: Option<String>,
    pub created_at: Time,
}

pub struct NewUser<'a> {
    pub id: UserId,
    pub username: &'a str,
    pub username_key: &'a str,
    pub lookalike_key: &'a str,
    pub display_name: &'a str,
    pub email: Option<&'a str>,
    pub email_key: Option<&'a str>,
    pub password_hash: &'a str,
    pub role: Role,
    pub client_key: Option<&'a str>,
    pub created_at: Time,
}

/// Creates the account unless its username or address is taken, which the unique indexes decide.
pub async fn create(tx: &mut Tx, user: &NewUser<'_>) -> sqlx::Result<bool> {
    const CREATE: &str = "insert into users (id, username, username_key, display_name, email, email_key, password_hash, \
        role, client_key, created_at, lookalike_key) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
        on conflict do nothing";
    let created = on!(tx, tx => sqlx::query(CREATE)
        .bind(user.id).bind(user.username).bind(user.username_key).bind(user.display_name).bind(user.email)
        .bind(user.email_key).bind(user.password_hash).bind(user.role).bind(user.client_key).bind(user.created_at)
        .bind(user.lookalike_key).execute(&mut **tx).await?.rows_affected());
    Ok(created > 0)
}

pub async fn any_in(tx: &mut Tx) -> sqlx::Result<bool> {
    on!(tx, tx => Ok(sqlx::query("select id from users limit 1").fetch_optional(&mut **tx).await?.is_some()))
}

pub async fn any(db: &Db) -> sqlx::Result<bool> {
    on!(db, pool => Ok(sqlx::query("select id from users limit 1").fetch_optional(pool).await?.is_some()))
}

macro_rules! select_user {
    ($rest:literal) => {
        concat!(
            "select id, username, display_name, avatar, email, role, status_emoji, status_text, status_expires_at, \
             time_zone, settings, created_at, deactivated_at, (select count(*) from (select 1 from notifications \
             where user_id = users.id and read_at is null limit 100) as unread) as unread_notifications from users ",
            $rest
        )
    };
}

const FIND: &str = select_user!("where id = $1");

pub async fn find(db: &Db, id: UserId) -> sqlx::Result<Option<UserRow>> {
    on!(db, pool => sqlx::query_as(FIND).bind(id).fetch_optional(pool).await)
}

pub async fn find_in(tx: &mut Tx, id: UserId) -> sqlx::Result<Option<UserRow>> {
    on!(tx, tx => sqlx::query_as(FIND).bind(id).fetch_optional(&mut **tx).await)
}

pub async fn find_by_username(db: &Db, username_key: &str) -> sqlx::Result<Option<UserRow>> {
    const FIND: &str = select_user!("where username_key = $1");
    if !is_storable(username_key) {
        return Ok(None);
    }
    on!(db, pool => sqlx::query_as(FIND).bind(username_key).fetch_optional(pool).await)
}

/// By username or email address; a username cannot contain `@`, so one index suffices.
pub async fn find_credentials(db: &Db, login_key: &str) -> sqlx::Result<Option<CredentialsRow>> {
    const BY_NAME: &str = "select id, password_hash, client_key, created_at from users where username_key = $1";
    const BY_ADDRESS: &str = "select id, password_hash, client_key, created_at from users where email_key = $1";
    if !is_storable(login_key) {
        return Ok(None);
    }
    let find = if login_key.contains('@') { BY_ADDRESS } else { BY_NAME };
    on!(db, pool => sqlx::query_as(find).bind(login_key).fetch_optional(pool).await)
}

/// Credentials by user id.
pub async fn find_credentials_of(db: &Db, id: UserId) -> sqlx::Result<Option<CredentialsRow>> {
    const FIND: &str = "select id, password_hash, client_key, created_at from users where id = $1";
    on!(db, pool => sqlx::query_as(FIND).bind(id).fetch_optional(pool).await)
}

/// Password hash of a user.
pub async fn find_password_hash(db: &Db, id: UserId) -> sqlx::Result<Option<String>> {
    const FIND: &str = "select password_hash from users where id = $1";
    on!(db, pool => sqlx::query_scalar(FIND).bind(id).fetch_optional(pool).await)
}

pub async fn is_name_taken(tx: &mut Tx, username_key: &str) -> sqlx::Result<bool> {
    const FIND: &str = "select id from users where username_key = $1";
    on!(tx, tx => Ok(sqlx::query(FIND).bind(username_key).fetch_optional(&mut **tx).await?.is_some()))
}

/// Whether a username looks like that of another user.
pub async fn is_lookalike_taken(tx: &mut Tx, lookalike_key: &str) -> sqlx::Result<bool> {
    const FIND: &str = "select id from users where lookalike_key = $1";
    on!(tx, tx => Ok(sqlx::query(FIND).bind(lookalike_key).fetch_optional(&mut **tx).await?.is_some()))
}

/// Loads these users, in no order.
pub async fn find_many_in(tx: &mut Tx, ids: &[UserId]) -> sqlx::Result<Vec<UserRow>> {
    let mut rows = Vec::with_capacity(ids.len());
    for ids in chunks(ids) {
        let found: Vec<_> = build!(&mut *tx, tx, query => {
            query.push(select_user!("where id in ("));
            push_ids!(query, ids);
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        rows.extend(found);
    }
    Ok(rows)
}

const FIND_PROFILE: &str = "select display_name, bio, pronouns, time_zone, language, status_emoji, status_text, \
    status_expires_at from users where id = $1";

pub async fn find_profile(db: &Db, id: UserId) -> sqlx::Result<Option<ProfileRow>> {
    on!(db, pool => sqlx::query_as(FIND_PROFILE).bind(id).fetch_optional(pool).await)
}

pub async fn find_profile_in(tx: &mut Tx, id: UserId) -> sqlx::Result<Option<ProfileRow>> {
    on!(tx, tx => sqlx::query_as(FIND_PROFILE).bind(id).fetch_optional(&mut **tx).await)
}

pub async fn update_profile(tx: &mut Tx, id: UserId, profile: &Profile) -> sqlx::Result<()> {
    const UPDATE: &str = "update users set display_name = $2, bio = $3, pronouns = $4, time_zone = $5, language = $6, \
        status_emoji = $7, status_text = $8, status_expires_at = $9 where id = $1";
    let status = profile.status.as_ref();
    let (emoji, text) = (status.and_then(|s| s.emoji.as_deref()), status.and_then(|s| s.text.as_deref()));
    let expires_at = status.and_then(|status| status.expires_at);
    on!(tx, tx => sqlx::query(UPDATE)
        .bind(id).bind(&profile.display_name).bind(&profile.bio).bind(&profile.pronouns).bind(&profile.time_zone)
        .bind(&profile.language).bind(emoji).bind(text).bind(expires_at).execute(&mut **tx).await.map(|_| ()))
}

pub async fn update_settings(tx: &mut Tx, id: UserId, settings: &Settings) -> sqlx::Result<()> {
    const UPDATE: &str = "update users set settings = $2 where id = $1";
    let json = serde_json::to_string(settings).map_err(|error| sqlx::Error::Encode(error.into()))?;
    on!(tx, tx => sqlx::query(UPDATE).bind(id).bind(json).execute(&mut **tx).await.map(|_| ()))
}

/// Whether there is another administrator. Locks the administrators until the commit on PostgreSQL, so that the last
/// two cannot leave at once.
pub async fn has_other_admin(tx: &mut Tx, id: UserId) -> sqlx::Result<bool> {
    const LIST: Sql = Sql {
        sqlite: "select id from users where role = 'admin' and deactivated_at is null",
        postgres: "select id from users where role = 'admin' and deactivated_at is null order by id for update",
    };
    let list = LIST.on(tx);
    let admins: Vec<UserId> = on!(tx, tx => sqlx::query_scalar(list).fetch_all(&mut **tx).await)?;
    Ok(admins.into_iter().any(|admin| admin != id))
}

/// Sets or clears the time of deactivation.
pub async fn set_deactivated(tx: &mut Tx, id: UserId, at: Option<Time>) -> sqlx::Result<()> {
    const SET: &str = "update users set deactivated_at = $2 where id = $1";
    on!(tx, tx => sqlx::query(SET).bind(id).bind(at).execute(&mut **tx).await.map(|_| ()))
}

/// Loads these users, in no order.
pub async fn find_many(db: &Db, ids: &[UserId]) -> sqlx::Result<Vec<UserRow>> {
    let mut users = Vec::with_capacity(ids.len());
    for ids in chunks(ids) {
        let found: Vec<_> = build!(db, pool, query => {
            query.push(select_user!("where id in ("));
            push_ids!(query, ids);
        }, query.build_query_as().fetch_all(pool).await?);
        users.extend(found);
    }
    Ok(users)
}

pub async fn update_avatar(tx: &mut Tx, id: UserId, hash: Option<&str>) -> sqlx::Result<()> {
    const UPDATE: &str = "update users set avatar = $2 where id = $1";
    on!(tx, tx => sqlx::query(UPDATE).bind(id).bind(hash).execute(&mut **tx).await.map(|_| ()))
}
