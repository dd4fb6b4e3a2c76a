//! When the rule by which two spellings are one name changes, the names that were stored by the old one are gone through
//! once, before anyone can come in.

use crate::{
    StartError,
    store::{
        self, Store,
        spellings::{Column, Spelling},
    },
};
use protocol::limits;
use uuid::Uuid;

/// The rule of `limits::fold`: one more whenever it changes.
const RULE: i64 = 1;
/// Names gone through in one transaction.
const AT_ONCE: i64 = 500;

/// Brings all names up to date with the rule.
pub async fn ensure_current(store: &Store) -> Result<(), StartError> {
    let failed = |e: sqlx::Error| StartError(format!("cannot bring names up to date: {e}"));
    if store::spellings::find_rule(&store.read).await.map_err(failed)? >= RULE {
        return Ok(());
    }
    for column in [Column::Username, Column::Email, Column::Room] {
        let mut after = Some(Uuid::nil());
        while let Some(place) = after {
            after = respell(store, column, place).await.map_err(failed)?;
        }
    }
    store::spellings::set_rule(&store.write, RULE).await.map_err(failed)
}

/// Goes through some names; answers after which to go on. Where two names are one now, it is the older account's unless it
/// was the younger one's before; the other keeps its old key, and an operator reads of it.
async fn respell(store: &Store, column: Column, after: Uuid) -> sqlx::Result<Option<Uuid>> {
    let mut tx = store.begin().await?;
    store::spellings::lock(&mut tx, column).await?;
    let stored = store::spellings::list(&mut tx, column, after, AT_ONCE).await?;
    let last = stored.last().map(|spelling| spelling.id);
    for Spelling { id, text, key } in stored {
        let new = limits::fold(&text);
        if new != key && !store::spellings::set(&mut tx, column, id, &new).await? {
            tracing::error!(%id, ?column, "two names are one by the new rule: the other has it, and nobody finds this one by it");
        }
    }
    tx.commit().await?;
    Ok(last)
}
