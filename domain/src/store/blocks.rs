//! Whom people keep away.

use super::{Db, Tx, on};
use protocol::{id::UserId, time::Time};

/// Keeps someone away; false when they were already.
pub async fn create(tx: &mut Tx, user: UserId, blocked: UserId, at: Time) -> sqlx::Result<bool> {
    const CREATE: &str =
        "insert into blocks (user_id, blocked_id, created_at) values ($1, $2, $3) on conflict do nothing";
    let rows = on!(tx, tx => sqlx::query(CREATE)
        .bind(user).bind(blocked).bind(at).execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

/// Lets someone come near again; false when they were let already.
pub async fn delete(tx: &mut Tx, user: UserId, blocked: UserId) -> sqlx::Result<bool> {
    const DELETE: &str = "delete from blocks where user_id = $1 and blocked_id = $2";
    let rows = on!(tx, tx => sqlx::query(DELETE).bind(user).bind(blocked).execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

const LIST: &str = "select blocked_id from blocks where user_id = $1 order by blocked_id";

/// Everyone whom a person keeps away: few, see [`protocol::limits::BLOCKED`].
pub async fn list(db: &Db, user: UserId) -> sqlx::Result<Vec<UserId>> {
    on!(db, pool => sqlx::query_scalar(LIST).bind(user).fetch_all(pool).await)
}

pub async fn list_in(tx: &mut Tx, user: UserId) -> sqlx::Result<Vec<UserId>> {
    on!(tx, tx => sqlx::query_scalar(LIST).bind(user).fetch_all(&mut **tx).await)
}
