//! Settings that administrators changed at runtime.

use crate::store::{Db, Tx, on};

/// Keys and JSON values; at most one per field of the configuration.
pub async fn list(db: &Db) -> sqlx::Result<Vec<(String, String)>> {
    on!(db, pool => sqlx::query_as(LIST).fetch_all(pool).await)
}

pub async fn list_in(tx: &mut Tx) -> sqlx::Result<Vec<(String, String)>> {
    on!(tx, tx => sqlx::query_as(LIST).fetch_all(&mut **tx).await)
}

const LIST: &str = "select key, value from config";

pub async fn set(tx: &mut Tx, key: &str, value: &str) -> sqlx::Result<()> {
    const SET: &str =
        "insert into config (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value";
    on!(tx, tx => sqlx::query(SET).bind(key).bind(value).execute(&mut **tx).await.map(|_| ()))
}
