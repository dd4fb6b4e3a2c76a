//! Sessions and their refresh tokens.

use crate::{
    store::{Backend, Db, Tx, build, chunks, on, push_ids},
    user_agent::UserAgent,
};
use protocol::{
    id::{SessionId, UserId},
    session::{self, Access, Client, DeviceCount, Session},
    time::Time,
    user::Role,
};
use sqlx::FromRow;

/// Session lifetimes, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Idle timeout.
    pub idle: i64,
    /// Absolute lifetime.
    pub absolute: i64,
}

/// Kind of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionKind {
    /// Created by a login.
    Login,
    /// A personal access token.
    Token,
}

impl SessionKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "sign_in",
            Self::Token => "token",
        }
    }
}

/// The data that an access token is checked against.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct SessionAuthRow {
    pub user_id: UserId,
    pub role: Role,
    pub access: Access,
    pub expires_at: Time,
    pub ended_at: Option<Time>,
}

pub struct NewSession<'a> {
    pub id: SessionId,
    pub user_id: UserId,
    pub client: &'a Client,
    pub device: UserAgent,
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

pub async fn find(db: &Db, id: SessionId) -> sqlx::Result<Option<SessionAuthRow>> {
    const FIND: &str = "select s.user_id, u.role, s.access, s.expires_at, s.ended_at \
        from sessions s join users u on u.id = s.user_id where s.id = $1 and u.deactivated_at is null";
    on!(db, pool => sqlx::query_as(FIND).bind(id).fetch_optional(pool).await)
}

/// IP addresses of a user's latest sessions.
pub async fn list_addresses(db: &Db, user: UserId) -> sqlx::Result<Vec<String>> {
    const LIST: &str = "select ip from sessions where user_id = $1 order by created_at desc limit 100";
    on!(db, pool => sqlx::query_scalar(LIST).bind(user).fetch_all(pool).await)
}

/// A refresh token and its session.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct RefreshRow {
    pub session_id: SessionId,
    pub user_id: UserId,
    pub replaced_at: Option<Time>,
    pub expires_at: Time,
    pub ended_at: Option<Time>,
}

/// Label of a session: the name set by the user, or else its device and browser.
pub async fn find_label(tx: &mut Tx, id: SessionId) -> sqlx::Result<Option<String>> {
    const FIND: &str = "select label, device, browser, user_agent from sessions where id = $1";
    let row: Option<(Option<String>, String, String, String)> =
        on!(tx, tx => sqlx::query_as(FIND).bind(id).fetch_optional(&mut **tx).await)?;
    Ok(row.map(|(label, device, browser, user_agent)| {
        label.unwrap_or_else(|| default_label(&device_and_browser((device, browser), &user_agent)))
    }))
}

/// Device and browser of a session; parsed from the user agent for rows older than these columns.
fn device_and_browser((device, browser): (String, String), user_agent: &str) -> (String, String) {
    if !device.is_empty() {
        return (device, browser);
    }
    let UserAgent { device, browser } = UserAgent::parse(user_agent);
    (device.to_owned(), browser.to_owned())
}

fn default_label((device, browser): &(String, String)) -> String {
    session::describe_client(browser, device)
}

/// Owner of a refresh token, valid or replaced; `None` when it is unknown or has been purged.
pub async fn find_refresh_owner(db: &Db, hash: &[u8]) -> sqlx::Result<Option<UserId>> {
    const FIND: &str =
        "select s.user_id from refresh_tokens t join sessions s on s.id = t.session_id where t.hash = $1";
    on!(db, pool => sqlx::query_scalar(FIND).bind(hash).fetch_optional(pool).await)
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

/// Marks a refresh token as replaced; false when it was replaced before.
pub async fn replace_refresh(tx: &mut Tx, hash: &[u8], at: Time) -> sqlx::Result<bool> {
    const REPLACE: &str = "update refresh_tokens set replaced_at = $2 where hash = $1 and replaced_at is null";
    let rows = on!(tx, tx => sqlx::query(REPLACE).bind(hash).bind(at).execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

/// Accepts the most recently replaced token again if its successor was never used, because the response may have been
/// lost. The successor becomes void. False otherwise: the token is an older one, or its successor was used.
pub async fn replace_lost(tx: &mut Tx, hash: &[u8], token: &RefreshRow, at: Time) -> sqlx::Result<bool> {
    const REPLACE: &str = "update refresh_tokens set replaced_at = $4 where hash = $1 and replaced_at = $3 \
        and replaced_at > 0 and not exists (select 1 from refresh_tokens later where later.session_id = $2 \
        and later.hash <> $1 and later.replaced_at >= $3)";
    // A negative time: the void token can never be the most recently replaced one, and is purged like others of its
    // age.
    const VOID: &str = "update refresh_tokens set replaced_at = $2 where session_id = $1 and replaced_at is null";
    let rows = on!(&mut *tx, tx => sqlx::query(REPLACE)
        .bind(hash).bind(token.session_id).bind(token.replaced_at).bind(at).execute(&mut **tx).await?.rows_affected());
    if rows == 0 {
        return Ok(false);
    }
    let rows = on!(tx, tx => sqlx::query(VOID)
        .bind(token.session_id).bind(Time(-at.0)).execute(&mut **tx).await?.rows_affected());
    Ok(rows == 1)
}

/// When the newest of a session's replaced tokens beyond the `keep` newest was replaced; `None` when there is none.
pub async fn find_surplus_refresh(tx: &mut Tx, id: SessionId, keep: i64) -> sqlx::Result<Option<Time>> {
    const FIND: &str = "select abs(replaced_at) from refresh_tokens where session_id = $1 and abs(replaced_at) >= 0 \
        order by abs(replaced_at) desc limit 1 offset $2";
    on!(tx, tx => sqlx::query_scalar(FIND).bind(id).bind(keep).fetch_optional(&mut **tx).await)
}

/// Purges the tokens of a session that were replaced up to `until`.
pub async fn purge_refresh(tx: &mut Tx, id: SessionId, until: Time) -> sqlx::Result<()> {
    const PURGE: &str = "delete from refresh_tokens where session_id = $1 and abs(replaced_at) <= $2";
    on!(tx, tx => sqlx::query(PURGE).bind(id).bind(until).execute(&mut **tx).await.map(|_| ()))
}

/// Locks the user, then the session and its tokens, until the commit on PostgreSQL. Callers that lock several of these
/// must keep this order.
pub async fn lock_tokens(tx: &mut Tx, user: UserId, id: SessionId) -> sqlx::Result<()> {
    super::search_words::lock_users(tx, &[user]).await?;
    let Backend::Postgres(tx) = tx else { return Ok(()) };
    let lock = "select 1 from sessions where id = $1 for no key update";
    sqlx::query(lock).bind(id).execute(&mut **tx).await.map(|_| ())
}

/// Updates last-seen times and extends sessions; the expiry of a personal access token is fixed.
pub async fn touch(tx: &mut Tx, ids: &[SessionId], now: Time, lifetimes: Lifetimes) -> sqlx::Result<()> {
    let Lifetimes { idle, absolute: whole } = lifetimes;
    for ids in chunks(ids) {
        build!(&mut *tx, tx, query => {
            query.push("update sessions set last_seen_at = ").push_bind(now)
                .push(", expires_at = case when kind <> 'sign_in' then expires_at when created_at + ").push_bind(whole)
                .push(" < ").push_bind(now.plus(idle)).push(" then created_at + ").push_bind(whole)
                .push(" else ").push_bind(now.plus(idle))
                .push(" end where ended_at is null and expires_at > ").push_bind(now).push(" and id in (");
            push_ids!(query, ids);
        }, query.build().execute(&mut **tx).await.map(|_| ())?);
    }
    Ok(())
}

/// Sets the IP address from which a session was last refreshed.
pub async fn update_ip(tx: &mut Tx, id: SessionId, ip: &str) -> sqlx::Result<()> {
    const UPDATE: &str = "update sessions set ip = $2 where id = $1";
    on!(tx, tx => sqlx::query(UPDATE).bind(id).bind(ip).execute(&mut **tx).await.map(|_| ()))
}

/// When the password was last given in an active session.
pub async fn find_authenticated_at(db: &Db, id: SessionId) -> sqlx::Result<Option<Time>> {
    const FIND: &str = "select authenticated_at from sessions where id = $1 and ended_at is null";
    on!(db, pool => sqlx::query_scalar(FIND).bind(id).fetch_optional(pool).await)
}

/// Records that the password was given in a session.
pub async fn set_authenticated_at(tx: &mut Tx, id: SessionId, at: Time) -> sqlx::Result<()> {
    const UPDATE: &str = "update sessions set authenticated_at = $2 where id = $1";
    on!(tx, tx => sqlx::query(UPDATE).bind(id).bind(at).execute(&mut **tx).await.map(|_| ()))
}

/// Ends a session and deletes its tokens; false when it had ended already.
pub async fn end(tx: &mut Tx, id: SessionId, at: Time) -> sqlx::Result<bool> {
    const END: &str = "update sessions set ended_at = $2 where id = $1 and ended_at is null";
    const DELETE_TOKENS: &str = "delete from refresh_tokens where session_id = $1";
    let rows = on!(&mut *tx, tx => sqlx::query(END).bind(id).bind(at).execute(&mut **tx).await?.rows_affected());
    on!(tx, tx => sqlx::query(DELETE_TOKENS).bind(id).execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

/// Active sessions of a user.
pub async fn list_active(tx: &mut Tx, user: UserId) -> sqlx::Result<Vec<SessionId>> {
    const LIST: &str = "select id from sessions where user_id = $1 and ended_at is null order by id";
    on!(tx, tx => sqlx::query_scalar(LIST).bind(user).fetch_all(&mut **tx).await)
}

/// Ends sessions and deletes their tokens; returns those that were active.
pub async fn end_many(tx: &mut Tx, ids: &[SessionId], at: Time) -> sqlx::Result<Vec<SessionId>> {
    let mut ended = Vec::with_capacity(ids.len());
    for ids in chunks(ids) {
        let batch: Vec<SessionId> = build!(&mut *tx, tx, query => {
            query.push("update sessions set ended_at = ").push_bind(at).push(" where ended_at is null and id in (");
            push_ids!(query, ids);
            query.push(" returning id");
        }, query.build_query_scalar().fetch_all(&mut **tx).await?);
        build!(&mut *tx, tx, query => {
            query.push("delete from refresh_tokens where session_id in (");
            push_ids!(query, ids);
        }, query.build().execute(&mut **tx).await.map(|_| ())?);
        ended.extend(batch);
    }
    Ok(ended)
}

/// Whether a session is neither ended nor expired. Locks its user until the commit on PostgreSQL, as
/// [`super::credentials::lock`] does: a command that ends all their sessions is ordered before or after this.
pub async fn lock(tx: &mut Tx, user: UserId, id: SessionId, now: Time) -> sqlx::Result<bool> {
    const FIND: &str = "select 1 from sessions where id = $1 and user_id = $2 and ended_at is null and expires_at > $3";
    if super::credentials::lock(tx, user).await?.is_none() {
        return Ok(false);
    }
    on!(tx, tx => Ok(sqlx::query(FIND).bind(id).bind(user).bind(now).fetch_optional(&mut **tx).await?.is_some()))
}

/// A user's sessions beyond the `keep` most recently used.
pub async fn list_surplus(tx: &mut Tx, user: UserId, keep: usize, limit: usize) -> sqlx::Result<Vec<SessionId>> {
    const LIST: &str = "select id from sessions where user_id = $1 and kind = 'sign_in' and ended_at is null \
        order by last_seen_at desc, id desc limit $3 offset $2";
    let (keep, limit) = (i64::try_from(keep).unwrap_or(i64::MAX), i64::try_from(limit).unwrap_or(i64::MAX));
    on!(tx, tx => sqlx::query_scalar(LIST).bind(user).bind(keep).bind(limit).fetch_all(&mut **tx).await)
}

/// A session as its user sees it.
#[derive(Clone, Debug, FromRow)]
pub struct OwnSessionRow {
    id: SessionId,
    label: Option<String>,
    device: String,
    browser: String,
    user_agent: String,
    ip: String,
    created_at: Time,
    last_seen_at: Time,
    expires_at: Time,
}

impl OwnSessionRow {
    /// Converts the row for a caller in session `current`.
    pub fn session(self, current: SessionId) -> Session {
        let on = device_and_browser((self.device, self.browser), &self.user_agent);
        Session {
            id: self.id,
            current: self.id == current,
            label: self.label.unwrap_or_else(|| default_label(&on)),
            device: on.0,
            browser: on.1,
            ip: self.ip,
            created_at: self.created_at,
            last_seen_at: self.last_seen_at,
            expires_at: self.expires_at,
        }
    }
}

/// A page of a user's active sessions, newest first, after the cursor.
pub async fn list_own(
    db: &Db,
    (user, now): (UserId, Time),
    after: Option<SessionId>,
    limit: u32,
) -> sqlx::Result<Vec<OwnSessionRow>> {
    const LIST: &str = "select id, label, device, browser, user_agent, ip, created_at, last_seen_at, expires_at from sessions \
        where user_id = $1 and kind = 'sign_in' and ended_at is null and expires_at > $2 and id < $3 \
        order by id desc limit $4";
    let after = after.unwrap_or(SessionId(uuid::Uuid::max()));
    on!(db, pool => sqlx::query_as(LIST).bind(user).bind(now).bind(after).bind(i64::from(limit)).fetch_all(pool).await)
}

/// An active session of a user.
pub async fn find_own(db: &Db, user: UserId, id: SessionId) -> sqlx::Result<Option<OwnSessionRow>> {
    const FIND: &str = "select id, label, device, browser, user_agent, ip, created_at, last_seen_at, expires_at from sessions \
        where id = $2 and user_id = $1 and kind = 'sign_in' and ended_at is null";
    on!(db, pool => sqlx::query_as(FIND).bind(user).bind(id).fetch_optional(pool).await)
}

/// Renames a session; `None` when it is not the user's or has ended.
pub async fn rename(
    tx: &mut Tx,
    user: UserId,
    id: SessionId,
    label: Option<&str>,
) -> sqlx::Result<Option<OwnSessionRow>> {
    const RENAME: &str = "update sessions set label = $3 \
        where id = $2 and user_id = $1 and kind = 'sign_in' and ended_at is null \
        returning id, label, device, browser, user_agent, ip, created_at, last_seen_at, expires_at";
    on!(tx, tx => sqlx::query_as(RENAME).bind(user).bind(id).bind(label).fetch_optional(&mut **tx).await)
}

/// Whether an active session of this kind belongs to the user.
pub async fn is_own(tx: &mut Tx, user: UserId, id: SessionId, kind: SessionKind) -> sqlx::Result<bool> {
    const FIND: &str = "select 1 from sessions where id = $2 and user_id = $1 and kind = $3 and ended_at is null";
    on!(tx, tx => Ok(sqlx::query(FIND).bind(user).bind(id).bind(kind.as_str()).fetch_optional(&mut **tx).await?.is_some()))
}

/// A user's other active sessions.
pub async fn list_others(tx: &mut Tx, user: UserId, except: SessionId, limit: usize) -> sqlx::Result<Vec<SessionId>> {
    const LIST: &str = "select id from sessions \
        where user_id = $1 and id <> $2 and kind = 'sign_in' and ended_at is null limit $3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    on!(tx, tx => sqlx::query_scalar(LIST).bind(user).bind(except).bind(limit).fetch_all(&mut **tx).await)
}

/// Expired sessions that have not been ended, oldest first.
pub async fn list_expired(tx: &mut Tx, now: Time, limit: i64) -> sqlx::Result<Vec<(SessionId, UserId)>> {
    const LIST: &str = "select id, user_id from sessions \
        where ended_at is null and expires_at <= $1 order by expires_at limit $2";
    on!(tx, tx => sqlx::query_as(LIST).bind(now).bind(limit).fetch_all(&mut **tx).await)
}

/// Purges sessions that ended before a time, oldest first; returns how many.
pub async fn purge(tx: &mut Tx, before: Time, limit: i64) -> sqlx::Result<i64> {
    const PURGE: &str = "delete from sessions where id in \
        (select id from sessions where ended_at is not null and ended_at < $1 order by ended_at limit $2)";
    let rows = on!(tx, tx => sqlx::query(PURGE).bind(before).bind(limit).execute(&mut **tx).await?.rows_affected());
    Ok(i64::try_from(rows).unwrap_or(limit))
}

/// Number of a user's active sessions.
pub async fn count_active(db: &Db, user: UserId, now: Time) -> sqlx::Result<i64> {
    const COUNT: &str = "select count(*) from sessions \
        where user_id = $1 and kind = 'sign_in' and ended_at is null and expires_at > $2";
    on!(db, pool => sqlx::query_scalar(COUNT).bind(user).bind(now).fetch_one(pool).await)
}

/// The same by device and browser, the most frequent first.
pub async fn count_by_device(db: &Db, user: UserId, now: Time, limit: i64) -> sqlx::Result<Vec<DeviceCount>> {
    const COUNT: &str = "select device, browser, agent, count(*) from (select device, browser, \
        case when device = '' then user_agent else '' end as agent from sessions \
        where user_id = $1 and kind = 'sign_in' and ended_at is null and expires_at > $2) live \
        group by device, browser, agent order by count(*) desc, device, browser limit $3";
    let rows: Vec<(String, String, String, i64)> =
        on!(db, pool => sqlx::query_as(COUNT).bind(user).bind(now).bind(limit).fetch_all(pool).await)?;
    let mut counts: Vec<DeviceCount> = Vec::with_capacity(rows.len());
    for (device, browser, user_agent, sessions) in rows {
        let (device, browser) = device_and_browser((device, browser), &user_agent);
        match counts.iter_mut().find(|known| known.device == device && known.browser == browser) {
            Some(known) => known.sessions += sessions,
            None => counts.push(DeviceCount { device, browser, sessions }),
        }
    }
    counts.sort_by_key(|count| std::cmp::Reverse(count.sessions));
    Ok(counts)
}

/// Number of a user's sessions by the day of creation, counted from the epoch, latest first.
pub async fn count_by_day(db: &Db, user: UserId, since: Time, limit: i64) -> sqlx::Result<Vec<(i64, i64)>> {
    const COUNT: &str = "select created_at / 86400000 as day, count(*) from sessions \
        where user_id = $1 and kind = 'sign_in' and created_at >= $2 \
        group by created_at / 86400000 order by day desc limit $3";
    on!(db, pool => sqlx::query_as(COUNT).bind(user).bind(since).bind(limit).fetch_all(pool).await)
}
