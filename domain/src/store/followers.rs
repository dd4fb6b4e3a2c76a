//! Followers of the event log: their positions and leases, and the events that they set aside.

use crate::store::{Db, Tx, events::EventRow, on};
use protocol::time::Time;
use sqlx::FromRow;
use uuid::Uuid;

#[derive(Clone, Debug, FromRow)]
pub struct FollowerRow {
    pub name: String,
    /// The last event followed; `None` for a follower without events.
    pub position: Option<i64>,
    /// Failures of the next event.
    pub attempts: i64,
    pub rebuild: bool,
    /// When it last wrote something.
    pub ran_at: Option<Time>,
    /// Events that were set aside, counted up to 1,000.
    pub set_aside: i64,
}

macro_rules! select_follower {
    ($rest:literal) => {
        concat!(
            "select f.name, f.position, f.attempts, f.rebuild, f.ran_at, (select count(*) from \
             (select 1 from set_aside_events s where s.follower = f.name limit 1000) s) as set_aside from followers f ",
            $rest
        )
    };
}

/// All followers, by name.
pub async fn list(db: &Db) -> sqlx::Result<Vec<FollowerRow>> {
    const LIST: &str = select_follower!("order by f.name");
    on!(db, pool => sqlx::query_as(LIST).fetch_all(pool).await)
}

pub async fn find(db: &Db, name: &str) -> sqlx::Result<Option<FollowerRow>> {
    const FIND: &str = select_follower!("where f.name = $1");
    on!(db, pool => sqlx::query_as(FIND).bind(name).fetch_optional(pool).await)
}

/// Creates a follower unless it exists. One that follows events on a database that has events must be rebuilt.
pub async fn create(db: &Db, name: &str, position: Option<i64>) -> sqlx::Result<()> {
    const CREATE: &str = "insert into followers (name, position, attempts, rebuild, epoch, expires_at) \
        values ($1, $2, 0, $3, 0, 0) on conflict (name) do nothing";
    let rebuild = position.is_some_and(|position| position > 0);
    on!(db, pool => sqlx::query(CREATE).bind(name).bind(position).bind(rebuild).execute(pool).await.map(|_| ()))
}

/// Deletes a follower that this version does not have: it must not hold the log for ever.
pub async fn delete(db: &Db, name: &str) -> sqlx::Result<()> {
    on!(db, pool => sqlx::query("delete from followers where name = $1").bind(name).execute(pool).await.map(|_| ()))
}

/// Takes the lease of a follower if it has expired by `now`; returns its new epoch.
pub async fn acquire(db: &Db, name: &str, holder: Uuid, now: Time, until: Time) -> sqlx::Result<Option<i64>> {
    const ACQUIRE: &str = "update followers set epoch = epoch + 1, holder = $2, expires_at = $4 \
        where name = $1 and expires_at <= $3 returning epoch";
    on!(db, pool => sqlx::query_scalar(ACQUIRE)
        .bind(name).bind(holder).bind(now).bind(until).fetch_optional(pool).await)
}

/// Renews a lease that has not expired; false when it is lost.
pub async fn renew(db: &Db, name: &str, epoch: i64, now: Time, until: Time) -> sqlx::Result<bool> {
    const RENEW: &str = "update followers set expires_at = $4 where name = $1 and epoch = $2 and expires_at > $3";
    let rows = on!(db, pool => sqlx::query(RENEW)
        .bind(name).bind(epoch).bind(now).bind(until).execute(pool).await?.rows_affected());
    Ok(rows > 0)
}

/// Whether the lease is still the one of this epoch.
pub async fn is_held(db: &Db, name: &str, epoch: i64) -> sqlx::Result<bool> {
    const FIND: &str = "select 1 from followers where name = $1 and epoch = $2";
    on!(db, pool => Ok(sqlx::query(FIND).bind(name).bind(epoch).fetch_optional(pool).await?.is_some()))
}

/// Gives up the leases of a node that stops.
pub async fn release(db: &Db, holder: Uuid) -> sqlx::Result<()> {
    const RELEASE: &str = "update followers set expires_at = 0 where holder = $1";
    on!(db, pool => sqlx::query(RELEASE).bind(holder).execute(pool).await.map(|_| ()))
}

/// The lease under which a follower writes.
#[derive(Clone, Copy, Debug)]
pub struct Lease {
    pub name: &'static str,
    pub epoch: i64,
}

impl Lease {
    /// After this time another node takes over from one that died. The clocks of the nodes differ by less.
    pub const MILLISECONDS: i64 = 15_000;
}

/// Notes that the follower writes now, and extends its lease; false when the lease is lost. The row stays locked until
/// the commit, so that nobody takes the lease in between.
pub async fn touch(tx: &mut Tx, lease: Lease, at: Time, until: Time) -> sqlx::Result<bool> {
    const TOUCH: &str = "update followers set ran_at = $3, expires_at = $4 where name = $1 and epoch = $2";
    let rows = on!(tx, tx => sqlx::query(TOUCH)
        .bind(lease.name).bind(lease.epoch).bind(at).bind(until).execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

/// Moves the position of a follower, which needs no rebuild any more; false when the lease is lost.
pub async fn advance(tx: &mut Tx, lease: Lease, position: i64, at: Time, until: Time) -> sqlx::Result<bool> {
    const ADVANCE: &str = "update followers set position = $3, attempts = 0, rebuild = $6, ran_at = $4, expires_at = $5 \
        where name = $1 and epoch = $2";
    let rows = on!(tx, tx => sqlx::query(ADVANCE)
        .bind(lease.name).bind(lease.epoch).bind(position).bind(at).bind(until).bind(false)
        .execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

/// Counts a failure of the next event; returns how many there were, or `None` when the lease is lost.
pub async fn count_failure(tx: &mut Tx, lease: Lease) -> sqlx::Result<Option<i64>> {
    const COUNT: &str =
        "update followers set attempts = attempts + 1 where name = $1 and epoch = $2 returning attempts";
    on!(tx, tx => sqlx::query_scalar(COUNT).bind(lease.name).bind(lease.epoch).fetch_optional(&mut **tx).await)
}

/// Stores an event that could not be applied.
pub async fn set_aside(tx: &mut Tx, name: &str, event: &EventRow, error: &str, at: Time) -> sqlx::Result<()> {
    const CREATE: &str = "insert into set_aside_events (follower, position, kind, subject, error, at) \
        values ($1, $2, $3, $4, $5, $6) on conflict (follower, position) do update set error = excluded.error, at = excluded.at";
    on!(tx, tx => sqlx::query(CREATE).bind(name).bind(event.position).bind(&event.kind).bind(event.subject).bind(error)
        .bind(at).execute(&mut **tx).await.map(|_| ()))
}

/// An event that could not be applied.
#[derive(Clone, Debug, FromRow)]
pub struct SetAsideRow {
    pub position: i64,
    pub kind: String,
    pub error: String,
    pub at: Time,
}

/// The newest events that a follower set aside.
pub async fn list_set_aside(db: &Db, name: &str, limit: i64) -> sqlx::Result<Vec<SetAsideRow>> {
    const LIST: &str = "select position, kind, error, at from set_aside_events where follower = $1 \
        order by position desc limit $2";
    on!(db, pool => sqlx::query_as(LIST).bind(name).bind(limit).fetch_all(pool).await)
}

/// Purges events that were set aside before a time, oldest first; returns how many.
pub async fn purge_set_aside(tx: &mut Tx, before: Time, limit: i64) -> sqlx::Result<i64> {
    const PURGE: &str = "delete from set_aside_events where (follower, position) in \
        (select follower, position from set_aside_events where at < $1 order by at limit $2)";
    let rows = on!(tx, tx => sqlx::query(PURGE).bind(before).bind(limit).execute(&mut **tx).await?.rows_affected());
    Ok(i64::try_from(rows).unwrap_or(limit))
}

/// Requests a rebuild, and ends the lease, so that a running node notices; false if there is no such follower.
pub async fn request_rebuild(db: &Db, name: &str) -> sqlx::Result<bool> {
    const REQUEST: &str = "update followers set rebuild = $2, epoch = epoch + 1, expires_at = 0 where name = $1";
    let rows = on!(db, pool => sqlx::query(REQUEST).bind(name).bind(true).execute(pool).await?.rows_affected());
    Ok(rows > 0)
}
