//! Connected users by node. Only PostgreSQL has several nodes; one statement per tick, not per user.

use crate::store::{Db, on};
use protocol::{id::UserId, time::Time};
use sqlx::FromRow;
use uuid::Uuid;

/// A node's row, without its users.
#[derive(Clone, Copy, Debug, FromRow)]
pub struct NodeRow {
    pub node: Uuid,
    pub version: i64,
    pub seen_at: Time,
}

/// Stores the users connected to a node.
pub async fn replace(db: &Db, row: NodeRow, users: &[UserId]) -> sqlx::Result<()> {
    const REPLACE: &str = "insert into presence (node, version, seen_at, user_ids) values ($1, $2, $3, $4) \
        on conflict (node) do update set version = excluded.version, seen_at = excluded.seen_at, user_ids = excluded.user_ids";
    let bytes: Vec<u8> = users.iter().flat_map(|user| user.0.into_bytes()).collect();
    on!(db, pool => sqlx::query(REPLACE)
        .bind(row.node).bind(row.version).bind(row.seen_at).bind(bytes).execute(pool).await.map(|_| ()))
}

/// Updates a node's heartbeat; its users are unchanged.
pub async fn touch(db: &Db, node: Uuid, at: Time) -> sqlx::Result<()> {
    const TOUCH: &str = "update presence set seen_at = $2 where node = $1";
    on!(db, pool => sqlx::query(TOUCH).bind(node).bind(at).execute(pool).await.map(|_| ()))
}

pub async fn list_nodes(db: &Db) -> sqlx::Result<Vec<NodeRow>> {
    on!(db, pool => sqlx::query_as("select node, version, seen_at from presence").fetch_all(pool).await)
}

pub async fn list_users(db: &Db, node: Uuid) -> sqlx::Result<Vec<UserId>> {
    const FIND: &str = "select user_ids from presence where node = $1";
    let bytes: Option<Vec<u8>> = on!(db, pool => sqlx::query_scalar(FIND).bind(node).fetch_optional(pool).await)?;
    let ids = bytes.unwrap_or_default();
    Ok(ids.chunks_exact(16).filter_map(|id| Uuid::from_slice(id).ok()).map(UserId).collect())
}

/// Deletes a node that has stopped.
pub async fn delete(db: &Db, node: Uuid) -> sqlx::Result<()> {
    on!(db, pool => sqlx::query("delete from presence where node = $1").bind(node).execute(pool).await.map(|_| ()))
}

/// Purges nodes that were not seen for a long time.
pub async fn purge(db: &Db, before: Time) -> sqlx::Result<()> {
    const DELETE: &str = "delete from presence where seen_at < $1";
    on!(db, pool => sqlx::query(DELETE).bind(before).execute(pool).await.map(|_| ()))
}
