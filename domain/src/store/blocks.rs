//! Blocked users.

use crate::store::{Db, Tx, build, chunks, on, push_ids};
use protocol::{id::UserId, time::Time};

/// Blocks a user; false when they were blocked already.
pub async fn create(tx: &mut Tx, user: UserId, blocked: UserId, at: Time) -> sqlx::Result<bool> {
    const CREATE: &str =
        "insert into blocks (user_id, blocked_id, created_at) values ($1, $2, $3) on conflict do nothing";
    let rows = on!(tx, tx => sqlx::query(CREATE)
        .bind(user).bind(blocked).bind(at).execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

/// Unblocks a user; false when they were not blocked.
pub async fn delete(tx: &mut Tx, user: UserId, blocked: UserId) -> sqlx::Result<bool> {
    const DELETE: &str = "delete from blocks where user_id = $1 and blocked_id = $2";
    let rows = on!(tx, tx => sqlx::query(DELETE).bind(user).bind(blocked).execute(&mut **tx).await?.rows_affected());
    Ok(rows > 0)
}

const LIST: &str = "select blocked_id from blocks where user_id = $1 order by blocked_id";

/// All users blocked by a user: few, see [`protocol::limits::BLOCKS_PER_USER`].
pub async fn list(db: &Db, user: UserId) -> sqlx::Result<Vec<UserId>> {
    on!(db, pool => sqlx::query_scalar(LIST).bind(user).fetch_all(pool).await)
}

pub async fn list_in(tx: &mut Tx, user: UserId) -> sqlx::Result<Vec<UserId>> {
    on!(tx, tx => sqlx::query_scalar(LIST).bind(user).fetch_all(&mut **tx).await)
}

/// Those of these users who block `blocked`.
pub async fn list_blocking(tx: &mut Tx, users: &[UserId], blocked: UserId) -> sqlx::Result<Vec<UserId>> {
    let mut blocking = Vec::new();
    for users in chunks(users) {
        let found: Vec<UserId> = build!(&mut *tx, tx, query => {
            query.push("select user_id from blocks where blocked_id = ").push_bind(blocked).push(" and user_id in (");
            push_ids!(query, users);
        }, query.build_query_scalar().fetch_all(&mut **tx).await?);
        blocking.extend(found);
    }
    Ok(blocking)
}
