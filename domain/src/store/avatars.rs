//! Avatars, by content hash.

use crate::store::{Db, Tx, is_storable, on};
use protocol::profile::Picture;

pub async fn find(db: &Db, hash: &str, size: u32) -> sqlx::Result<Option<Picture>> {
    const FIND: &str = "select kind, bytes from avatars where hash = $1 and size = $2";
    if !is_storable(hash) {
        return Ok(None);
    }
    let found: Option<(String, Vec<u8>)> =
        on!(db, pool => sqlx::query_as(FIND).bind(hash).bind(i64::from(size)).fetch_optional(pool).await)?;
    Ok(found.map(|(kind, bytes)| Picture { media_type: kind, bytes }))
}

/// Stores an avatar; an existing one with this hash is identical.
pub async fn create(tx: &mut Tx, hash: &str, size: u32, picture: &Picture) -> sqlx::Result<()> {
    const CREATE: &str = "insert into avatars (hash, size, kind, bytes) values ($1, $2, $3, $4) on conflict do nothing";
    let (kind, bytes) = (picture.media_type.as_str(), picture.bytes.as_slice());
    on!(tx, tx => sqlx::query(CREATE)
        .bind(hash).bind(i64::from(size)).bind(kind).bind(bytes).execute(&mut **tx).await.map(|_| ()))
}

/// Deletes an avatar that no user has any more.
pub async fn delete_unused(tx: &mut Tx, hash: &str) -> sqlx::Result<()> {
    const DELETE: &str = "delete from avatars where hash = $1 and not exists (select 1 from users where avatar = $1)";
    on!(tx, tx => sqlx::query(DELETE).bind(hash).execute(&mut **tx).await.map(|_| ()))
}
