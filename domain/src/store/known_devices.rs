//! Known devices of users.

use crate::store::{Db, Tx, build, on};
use protocol::{
    id::{SessionId, UserId},
    time::Time,
};

/// Updates the last use of a device; false when it is not known.
pub async fn touch(tx: &mut Tx, user: UserId, hash: &[u8], at: Time) -> sqlx::Result<bool> {
    const TOUCH: &str = "update known_devices set seen_at = $3 where user_id = $1 and hash = $2";
    let rows =
        on!(tx, tx => sqlx::query(TOUCH).bind(user).bind(hash).bind(at).execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

/// Those of these devices that are known for a user.
pub async fn list_known(db: &Db, user: UserId, hashes: &[[u8; 32]]) -> sqlx::Result<Vec<Vec<u8>>> {
    build!(db, pool, query => {
        query.push("select hash from known_devices where user_id = ").push_bind(user).push(" and hash in (");
        let mut list = query.separated(", ");
        for hash in hashes {
            list.push_bind(hash.as_slice());
        }
        query.push(")");
    }, query.build_query_scalar().fetch_all(pool).await)
}

/// Whether the user ever used a device or another session. A password change deletes devices, but not sessions.
pub async fn any(tx: &mut Tx, user: UserId, except: SessionId) -> sqlx::Result<bool> {
    const ANY: &str = "select 1 from known_devices where user_id = $1 \
        union all select 1 from sessions where user_id = $1 and id <> $2 limit 1";
    on!(tx, tx => Ok(sqlx::query(ANY).bind(user).bind(except).fetch_optional(&mut **tx).await?.is_some()))
}

/// Stores a device, and deletes the least recently used ones when there are more than `keep`.
pub async fn create(tx: &mut Tx, user: UserId, hash: &[u8], at: Time, keep: i64) -> sqlx::Result<()> {
    const CREATE: &str = "insert into known_devices (user_id, hash, seen_at) values ($1, $2, $3) \
        on conflict (user_id, hash) do update set seen_at = excluded.seen_at";
    const DELETE_OLDEST: &str = "delete from known_devices where user_id = $1 and hash in \
        (select hash from known_devices where user_id = $1 order by seen_at desc limit 1000 offset $2)";
    on!(&mut *tx, tx => sqlx::query(CREATE).bind(user).bind(hash).bind(at).execute(&mut **tx).await.map(|_| ()))?;
    on!(tx, tx => sqlx::query(DELETE_OLDEST).bind(user).bind(keep).execute(&mut **tx).await.map(|_| ()))
}

/// Deletes all devices of a user.
pub async fn delete_all(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    const DELETE: &str = "delete from known_devices where user_id = $1";
    on!(tx, tx => sqlx::query(DELETE).bind(user).execute(&mut **tx).await.map(|_| ()))
}
