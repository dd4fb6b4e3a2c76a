//! Classification of database errors.

use sqlx::error::DatabaseError;
use sqlx_sqlite::SqliteError;

/// Whether the transaction was aborted and may succeed when it is retried.
pub fn is_transient(error: &sqlx::Error) -> bool {
    match error {
        // PostgreSQL: serialisation failure, deadlock, server shutdown.
        sqlx::Error::Database(_) => {
            matches!(postgres(error).as_deref(), Some("40001" | "40P01" | "57P01" | "57P02" | "57P03"))
        }
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => true,
        _ => false,
    }
}

/// Whether a unique key exists already; another node may just have inserted it.
pub fn is_unique_violation(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(DatabaseError::is_unique_violation)
}

/// Whether the disk is full.
pub fn is_disk_full(error: &sqlx::Error) -> bool {
    /// SQLite's `SQLITE_IOERR_SHMSIZE`: no space for the shared memory of the WAL.
    const SHARED_MEMORY_SIZE: i32 = 0x130a;
    let is_full = |code| code & 0xff == 13 || code == SHARED_MEMORY_SIZE;
    sqlite(error).is_some_and(is_full) || postgres(error).as_deref() == Some("53100")
}

/// Whether the SQLite file is damaged, or is no database.
pub fn is_corrupt(error: &sqlx::Error) -> bool {
    sqlite(error).is_some_and(|code| matches!(code & 0xff, 11 | 26))
}

/// Whether the database is unreachable, its system failed, or another process has locked it: this may be temporary, and
/// no command is the cause.
pub fn is_unavailable(error: &sqlx::Error) -> bool {
    // SQLite: busy, locked, out of memory, read-only, I/O error, cannot open, locking protocol.
    let is_below_sqlite = |code| matches!(code & 0xff, 5 | 6 | 7 | 8 | 10 | 14 | 15);
    // PostgreSQL: insufficient resources, system errors, a standby.
    let is_below_postgres = |code: String| code.starts_with("53") || code.starts_with("58") || code == "25006";
    matches!(error, sqlx::Error::PoolTimedOut)
        || is_transient(error)
        || sqlite(error).is_some_and(is_below_sqlite)
        || postgres(error).is_some_and(is_below_postgres)
}

/// Whether the transaction cannot continue, whichever command caused it.
pub fn ends_transaction(error: &sqlx::Error) -> bool {
    is_disk_full(error) || is_unavailable(error)
}

/// SQLite's extended error code.
fn sqlite(error: &sqlx::Error) -> Option<i32> {
    let error = error.as_database_error()?.try_downcast_ref::<SqliteError>()?;
    error.code()?.parse().ok()
}

/// PostgreSQL's SQLSTATE.
fn postgres(error: &sqlx::Error) -> Option<String> {
    let error = error.as_database_error().filter(|error| error.try_downcast_ref::<SqliteError>().is_none())?;
    error.code().map(Into::into)
}
