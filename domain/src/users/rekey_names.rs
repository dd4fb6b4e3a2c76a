//! When a rule for the keys of names changes, the stored keys are recomputed once, before the server accepts requests.

use crate::{
    StartError,
    store::{
        self, Store,
        name_keys::{Column, StoredName},
    },
};
use protocol::limits;
use uuid::Uuid;

/// Version of the rules in `limits::name_key` and `limits::lookalike_key`; increment it on every change.
const NAME_KEY_VERSION: i64 = 2;
/// Names per transaction.
const BATCH: i64 = 500;

/// Updates all stored name keys to the current rule.
pub async fn ensure_current(store: &Store) -> Result<(), StartError> {
    let failed = |e: sqlx::Error| StartError(format!("cannot update the name keys: {e}"));
    if store::name_keys::find_name_key_version(&store.read).await.map_err(failed)? >= NAME_KEY_VERSION {
        return Ok(());
    }
    for column in [Column::Username, Column::Email, Column::Room] {
        let mut after = Some(Uuid::nil());
        while let Some(last_id) = after {
            after = rekey(store, column, last_id).await.map_err(failed)?;
        }
    }
    store::name_keys::set_name_key_version(&store.write, NAME_KEY_VERSION).await.map_err(failed)
}

/// Recomputes one batch; returns the id to continue after. Of two names with the same new key, the older account gets
/// it unless the younger one already had it; the other keeps its old key, and the conflict is logged. Of names that look
/// alike the oldest has the lookalike key.
async fn rekey(store: &Store, column: Column, after: Uuid) -> sqlx::Result<Option<Uuid>> {
    let mut tx = store.begin().await?;
    store::name_keys::lock(&mut tx, column).await?;
    let stored = store::name_keys::list(&mut tx, column, after, BATCH).await?;
    let last = stored.last().map(|name| name.id);
    for StoredName { id, text, key } in stored {
        let new = limits::name_key(&text);
        if new != key && !store::name_keys::update_key(&mut tx, column, id, &new).await? {
            tracing::error!(%id, ?column, "name key conflict under the new version: the other row has the key, this one keeps its old key and is not found by it");
        }
        let looks = limits::lookalike_key(&text);
        if !store::name_keys::set_lookalike_key(&mut tx, column, id, &looks).await? {
            tracing::warn!(%id, ?column, "this name looks like an older one; both keep their names");
        }
    }
    tx.commit().await?;
    Ok(last)
}
