//! Notifications to users.

use crate::store::{Db, Tx, build, chunks, on, push_ids};
use protocol::{
    id::{NotificationId, UserId},
    notification::{Notification, NotificationKind},
    time::Time,
};
use sqlx::FromRow;

#[derive(Clone, Debug, FromRow)]
pub struct NotificationRow {
    pub id: NotificationId,
    notice: String,
    created_at: Time,
    read_at: Option<Time>,
}

impl NotificationRow {
    /// Converts the row to the API's notification; `None` when a later version wrote it.
    pub fn notification(&self) -> Option<Notification> {
        let notice = serde_json::from_str::<NotificationKind>(&self.notice);
        let notice =
            notice.inspect_err(|error| tracing::error!(%error, id = %self.id, "cannot decode a notification")).ok()?;
        Some(Notification::new(self.id, &notice, self.created_at, self.read_at))
    }
}

/// Stores a notification, and deletes the oldest when the user has more than `keep`.
pub async fn create(
    tx: &mut Tx,
    (id, user): (NotificationId, UserId),
    notice: &str,
    at: Time,
    keep: i64,
) -> sqlx::Result<()> {
    const CREATE: &str = "insert into notifications (id, user_id, notice, created_at) values ($1, $2, $3, $4)";
    const DELETE_OLDEST: &str = "delete from notifications where user_id = $1 and id <= \
        (select id from notifications where user_id = $1 order by id desc limit 1 offset $2)";
    on!(&mut *tx, tx => sqlx::query(CREATE).bind(id).bind(user).bind(notice).bind(at).execute(&mut **tx).await.map(|_| ()))?;
    on!(tx, tx => sqlx::query(DELETE_OLDEST).bind(user).bind(keep).execute(&mut **tx).await.map(|_| ()))
}

/// A page of a user's notifications, newest first, before the cursor.
pub async fn list(
    db: &Db,
    user: UserId,
    before: Option<NotificationId>,
    limit: u32,
) -> sqlx::Result<Vec<NotificationRow>> {
    const LIST: &str = "select id, notice, created_at, read_at from notifications \
        where user_id = $1 and id < $2 order by id desc limit $3";
    let before = before.unwrap_or(NotificationId(uuid::Uuid::max()));
    on!(db, pool => sqlx::query_as(LIST).bind(user).bind(before).bind(i64::from(limit)).fetch_all(pool).await)
}

/// Loads these notifications of any users.
pub async fn find_many(tx: &mut Tx, ids: &[NotificationId]) -> sqlx::Result<Vec<NotificationRow>> {
    let mut rows = Vec::with_capacity(ids.len());
    for ids in chunks(ids) {
        let found: Vec<_> = build!(&mut *tx, tx, query => {
            query.push("select id, notice, created_at, read_at from notifications where id in (");
            push_ids!(query, ids);
        }, query.build_query_as().fetch_all(&mut **tx).await?);
        rows.extend(found);
    }
    Ok(rows)
}

/// Marks some of a user's notifications read; returns whether any was unread.
pub async fn mark_read(tx: &mut Tx, user: UserId, ids: &[NotificationId], at: Time) -> sqlx::Result<bool> {
    let mut read = 0;
    for ids in chunks(ids) {
        read += build!(&mut *tx, tx, query => {
            query.push("update notifications set read_at = ").push_bind(at).push(" where read_at is null and user_id = ")
                .push_bind(user).push(" and id in (");
            push_ids!(query, ids);
        }, query.build().execute(&mut **tx).await?.rows_affected());
    }
    Ok(read > 0)
}

/// Marks all of a user's notifications read; returns whether any was unread.
pub async fn mark_all_read(tx: &mut Tx, user: UserId, at: Time) -> sqlx::Result<bool> {
    const READ: &str = "update notifications set read_at = $2 where user_id = $1 and read_at is null";
    on!(tx, tx => Ok(sqlx::query(READ).bind(user).bind(at).execute(&mut **tx).await?.rows_affected() > 0))
}

/// Purges notifications before a time, oldest first; returns their users, and when they were read.
pub async fn purge(tx: &mut Tx, before: Time, limit: i64) -> sqlx::Result<Vec<(UserId, Option<Time>)>> {
    const PURGE: &str = "delete from notifications where id in \
        (select id from notifications where created_at < $1 order by created_at limit $2) returning user_id, read_at";
    on!(tx, tx => sqlx::query_as(PURGE).bind(before).bind(limit).fetch_all(&mut **tx).await)
}
