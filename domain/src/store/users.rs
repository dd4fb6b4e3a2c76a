//! Accounts.

use crate::{
    store::{Db, Sql, Tx, build, chunks, is_storable, on, push_ids},
    time_zones,
    users::view::ViewContext,
};
use protocol::{
    id::UserId,
    profile::Profile,
    settings::Settings,
    time::Time,
    user::{AVATAR_DISPLAY_SIZE, Author, Presence, Role, Status, User, avatar_url},
};
use sqlx::FromRow;

/// A person as they are stored; what is seen of them depends on who looks, and when.
#[derive(Clone, Debug, FromRow)]
pub struct UserRow {
    pub id: UserId,
    pub username: String,
    pub display_name: String,
    pub avatar: Option<String>,
    pub email: Option<String>,
    pub role: Role,
    #[sqlx(flatten)]
    status: StatusRow,
    /// JSON.
    settings: String,
    pub created_at: Time,
    pub deactivated_at: Option<Time>,
    /// Counted up to 100.
    pub unread_notifications: i64,
}

impl UserRow {
    /// As everyone sees them. Who does not show when they are here is never here to others.
    pub fn into_public(self, view: &ViewContext) -> User {
        let shows = self.settings().privacy.show_online;
        let user = self.into_self(view);
        let presence = if shows { user.presence } else { Presence::Offline };
        User { presence, email: None, settings: None, unread_notifications: None, ..user }
    }

    /// As they see themselves.
    pub fn into_self(self, view: &ViewContext) -> User {
        User {
            settings: Some(self.settings()),
            id: self.id,
            username: self.username,
            display_name: self.display_name,
            avatar_url: avatar_link(self.avatar.as_deref()),
            role: self.role,
            status: self.status.at(view.at),
            presence: view.presence(self.id),
            created_at: self.created_at,
            deactivated: self.deactivated_at.is_some(),
            email: self.email,
            unread_notifications: Some(self.unread_notifications),
        }
    }

    /// How they like things.
    pub fn settings(&self) -> Settings {
        // Written by us; what another version of us wrote is read as far as it goes.
        serde_json::from_str(&self.settings).unwrap_or_default()
    }
}

/// What someone says they are doing, perhaps no longer.
#[derive(Clone, Debug, FromRow)]
struct StatusRow {
    #[sqlx(rename = "status_emoji")]
    emoji: Option<String>,
    #[sqlx(rename = "status_text")]
    text: Option<String>,
    #[sqlx(rename = "status_expires_at")]
    expires_at: Option<Time>,
}

impl StatusRow {
    fn at(self, now: Time) -> Option<Status> {
        let Self { emoji, text, expires_at } = self;
        let has_status = emoji.is_some() || text.is_some();
        (has_status && expires_at.is_none_or(|at| now < at)).then_some(Status { emoji, text, expires_at })
    }
}

/// The columns of a profile.
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
    /// What the person says about themselves at a moment.
    pub fn profile(self, now: Time) -> Profile {
        let Self { display_name, bio, pronouns, time_zone, language, status } = self;
        let local_time = time_zone.as_deref().and_then(|zone| time_zones::time_in(zone, now));
        Profile { display_name, bio, pronouns, time_zone, local_time, language, status: status.at(now) }
    }
}

/// The columns of an author, in a join.
#[derive(Clone, Debug, FromRow)]
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

/// Where the picture is that stands beside a name.
pub fn avatar_link(avatar: Option<&str>) -> Option<String> {
    avatar.map(|hash| avatar_url(hash, AVATAR_DISPLAY_SIZE))
}

/// What signing in compares against.
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

macro_rules! select_user {
    ($rest:literal) => {
        concat!(
            "select id, username, display_name, avatar, email, role, status_emoji, status_text, status_expires_at, \
             settings, created_at, deactivated_at, (select count(*) from (select 1 from notifications \
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

/// By username or e-mail address; a username cannot contain `@`, so one index answers.
pub async fn find_credentials(db: &Db, login_key: &str) -> sqlx::Result<Option<CredentialsRow>> {
    const BY_NAME: &str = "select id, password_hash, client_key, created_at from users where username_key = $1";
    const BY_ADDRESS: &str = "select id, password_hash, client_key, created_at from users where email_key = $1";
    if !is_storable(login_key) {
        return Ok(None);
    }
    let find = if login_key.contains('@') { BY_ADDRESS } else { BY_NAME };
    on!(db, pool => sqlx::query_as(find).bind(login_key).fetch_optional(pool).await)
}

/// The same of a person who is known already.
pub async fn find_credentials_of(db: &Db, id: UserId) -> sqlx::Result<Option<CredentialsRow>> {
    const FIND: &str = "select id, password_hash, client_key, created_at from users where id = $1";
    on!(db, pool => sqlx::query_as(FIND).bind(id).fetch_optional(pool).await)
}

/// The hash of a person's password.
pub async fn find_password_hash(db: &Db, id: UserId) -> sqlx::Result<Option<String>> {
    const FIND: &str = "select password_hash from users where id = $1";
    on!(db, pool => sqlx::query_scalar(FIND).bind(id).fetch_optional(pool).await)
}

pub async fn is_name_taken(tx: &mut Tx, username_key: &str) -> sqlx::Result<bool> {
    const FIND: &str = "select id from users where username_key = $1";
    on!(tx, tx => Ok(sqlx::query(FIND).bind(username_key).fetch_optional(&mut **tx).await?.is_some()))
}

/// These people, in no order.
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

/// Whether someone else runs the service too. On PostgreSQL the administrators are locked until the commit, so that two
/// of them who leave at once do not both leave.
pub async fn has_other_admin(tx: &mut Tx, id: UserId) -> sqlx::Result<bool> {
    const LIST: Sql = Sql {
        sqlite: "select id from users where role = 'admin' and deactivated_at is null",
        postgres: "select id from users where role = 'admin' and deactivated_at is null order by id for update",
    };
    let list = LIST.on(tx);
    let admins: Vec<UserId> = on!(tx, tx => sqlx::query_scalar(list).fetch_all(&mut **tx).await)?;
    Ok(admins.into_iter().any(|admin| admin != id))
}

/// Notes since when an account is deactivated, or that it is not.
pub async fn set_deactivated(tx: &mut Tx, id: UserId, at: Option<Time>) -> sqlx::Result<()> {
    const SET: &str = "update users set deactivated_at = $2 where id = $1";
    on!(tx, tx => sqlx::query(SET).bind(id).bind(at).execute(&mut **tx).await.map(|_| ()))
}

/// These people, in no order.
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
