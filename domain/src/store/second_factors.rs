//! Second factors and recovery codes.

use crate::store::{Db, Tx, on};
use protocol::{id::UserId, time::Time};
use sqlx::FromRow;

/// Bytes of a secret in the clear, as an earlier version stored them; a sealed one is longer.
const CLEAR_BYTES: i64 = 20;

#[derive(Clone, FromRow)]
pub struct FactorRow {
    /// Sealed with the data key.
    pub secret: Vec<u8>,
    pub confirmed_at: Option<Time>,
    /// Last time step whose code was consumed.
    pub last_step: i64,
}

const FIND: &str = "select secret, confirmed_at, last_step from second_factors where user_id = $1";

pub async fn find(db: &Db, user: UserId) -> sqlx::Result<Option<FactorRow>> {
    on!(db, pool => sqlx::query_as(FIND).bind(user).fetch_optional(pool).await)
}

pub async fn find_in(tx: &mut Tx, user: UserId) -> sqlx::Result<Option<FactorRow>> {
    on!(tx, tx => sqlx::query_as(FIND).bind(user).fetch_optional(&mut **tx).await)
}

/// Secrets that an earlier version stored in the clear.
pub async fn list_clear(tx: &mut Tx) -> sqlx::Result<Vec<(UserId, Vec<u8>)>> {
    const CLEAR: &str = "select user_id, secret from second_factors where length(secret) <= $1";
    on!(tx, tx => sqlx::query_as(CLEAR).bind(CLEAR_BYTES).fetch_all(&mut **tx).await)
}

/// Replaces a secret by its sealed form.
pub async fn set_secret(tx: &mut Tx, user: UserId, secret: &[u8]) -> sqlx::Result<()> {
    const SET: &str = "update second_factors set secret = $2 where user_id = $1";
    on!(tx, tx => sqlx::query(SET).bind(user).bind(secret).execute(&mut **tx).await.map(|_| ()))
}

/// Stores a pending secret; replaces an earlier pending one.
pub async fn create_pending(tx: &mut Tx, user: UserId, secret: &[u8], at: Time) -> sqlx::Result<()> {
    const CREATE: &str = "insert into second_factors (user_id, secret, created_at, last_step) values ($1, $2, $3, 0) \
        on conflict (user_id) do update set secret = excluded.secret, created_at = excluded.created_at, last_step = 0 \
        where second_factors.confirmed_at is null";
    on!(tx, tx => sqlx::query(CREATE).bind(user).bind(secret).bind(at).execute(&mut **tx).await.map(|_| ()))
}

/// Enables the second factor; false when it was enabled already.
pub async fn confirm(tx: &mut Tx, user: UserId, step: i64, at: Time) -> sqlx::Result<bool> {
    const CONFIRM: &str = "update second_factors set confirmed_at = $3, last_step = $2 \
        where user_id = $1 and confirmed_at is null";
    let rows =
        on!(tx, tx => sqlx::query(CONFIRM).bind(user).bind(step).bind(at).execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

/// Consumes a step and those before it; false when it was consumed before.
pub async fn consume_step(tx: &mut Tx, user: UserId, step: i64) -> sqlx::Result<bool> {
    const CONSUME: &str = "update second_factors set last_step = $2 where user_id = $1 and last_step < $2";
    let rows = on!(tx, tx => sqlx::query(CONSUME).bind(user).bind(step).execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

/// Deletes the second factor and its recovery codes.
pub async fn delete(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    const DELETE: &str = "delete from second_factors where user_id = $1";
    on!(&mut *tx, tx => sqlx::query(DELETE).bind(user).execute(&mut **tx).await.map(|_| ()))?;
    replace_recovery_codes(tx, user, &[]).await
}

/// Replaces the recovery codes.
pub async fn replace_recovery_codes(tx: &mut Tx, user: UserId, hashes: &[[u8; 32]]) -> sqlx::Result<()> {
    const DELETE: &str = "delete from recovery_codes where user_id = $1";
    const CREATE: &str = "insert into recovery_codes (user_id, hash) values ($1, $2)";
    on!(&mut *tx, tx => sqlx::query(DELETE).bind(user).execute(&mut **tx).await.map(|_| ()))?;
    for hash in hashes {
        on!(&mut *tx, tx => sqlx::query(CREATE).bind(user).bind(&hash[..]).execute(&mut **tx).await.map(|_| ()))?;
    }
    Ok(())
}

/// Consumes a recovery code; false when it does not exist or was consumed.
pub async fn consume_recovery_code(tx: &mut Tx, user: UserId, hash: &[u8], at: Time) -> sqlx::Result<bool> {
    const CONSUME: &str = "update recovery_codes set used_at = $3 where user_id = $1 and hash = $2 and used_at is null";
    let rows =
        on!(tx, tx => sqlx::query(CONSUME).bind(user).bind(hash).bind(at).execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

/// Whether this recovery code exists.
pub async fn has_recovery_code(tx: &mut Tx, user: UserId, hash: &[u8]) -> sqlx::Result<bool> {
    const FIND: &str = "select 1 from recovery_codes where user_id = $1 and hash = $2";
    on!(tx, tx => Ok(sqlx::query(FIND).bind(user).bind(hash).fetch_optional(&mut **tx).await?.is_some()))
}

/// Number of unused recovery codes.
pub async fn count_recovery_codes(db: &Db, user: UserId) -> sqlx::Result<i64> {
    const COUNT: &str = "select count(*) from recovery_codes where user_id = $1 and used_at is null";
    on!(db, pool => sqlx::query_scalar(COUNT).bind(user).fetch_one(pool).await)
}
