//! Damage of the SQLite file. PostgreSQL finds that of its files itself.

use crate::store::{Backend, Store, errors::is_corrupt};
use std::sync::Arc;

/// Instructions of SQLite between two looks at whether the check is still wanted.
const INSTRUCTIONS_PER_LOOK: i32 = 10_000;

/// What is wrong with the file, up to ten errors. Reads all of it; if the future is dropped, SQLite stops as well.
pub async fn list(store: &Store) -> sqlx::Result<Vec<String>> {
    let Backend::Sqlite(readers) = &store.read else { return Ok(Vec::new()) };
    // Detached, so that no other read can get a connection on which the check still runs.
    let mut connection = readers.acquire().await?.detach();
    let wanted = Arc::new(());
    let is_wanted = Arc::downgrade(&wanted);
    connection.lock_handle().await?.set_progress_handler(INSTRUCTIONS_PER_LOOK, move || is_wanted.strong_count() > 0);
    let found: sqlx::Result<Vec<String>> =
        sqlx::query_scalar("pragma quick_check(10)").fetch_all(&mut connection).await;
    drop(wanted);
    match found {
        Ok(lines) => Ok(lines.into_iter().filter(|line| line != "ok").collect()),
        // So damaged that SQLite cannot even look.
        Err(error) if is_corrupt(&error) => Ok(vec![error.to_string()]),
        Err(error) => Err(error),
    }
}
