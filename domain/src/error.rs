//! Errors of commands, and their conversion to API errors.

use crate::store;
use protocol::{Error, error::Code};

/// A command was rejected, or the database failed.
#[derive(Debug)]
pub enum CommandError {
    /// Returned to the caller.
    Rejected(Error),
    /// Logged; the caller gets an internal error.
    Database(sqlx::Error),
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        Self::Rejected(error)
    }
}

impl From<sqlx::Error> for CommandError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl std::fmt::Display for CommandError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rejected(error) => f.write_str(&error.detail),
            Self::Database(error) => error.fmt(f),
        }
    }
}

impl CommandError {
    /// The error for the caller.
    pub fn into_public(self) -> Error {
        match self {
            Self::Rejected(error) => error,
            Self::Database(cause) => database_error(&cause),
        }
    }
}

/// Logs the cause; returns the internal error for the caller.
pub fn internal_error(cause: &dyn std::error::Error) -> Error {
    tracing::error!(%cause, "internal error");
    Error::internal()
}

/// A database closed by our own stop is not logged; an unreachable one may be available again soon.
fn database_error(cause: &sqlx::Error) -> Error {
    match cause {
        sqlx::Error::PoolClosed => Error::new(Code::Busy, "The server is stopping. Try again in a moment."),
        cause if store::is_disk_full(cause) => {
            tracing::error!(%cause, "disk full");
            Error::disk_full()
        }
        cause if store::is_unavailable(cause) => {
            tracing::error!(%cause, "cannot reach the database");
            Error::new(Code::Busy, "The server cannot reach its database. Try again in a moment.")
        }
        cause => internal_error(cause),
    }
}

/// Converts database errors to API errors.
pub trait DbResultExt<T> {
    /// The value, or an internal error whose cause is logged.
    fn or_internal(self) -> protocol::Result<T>;
}

impl<T> DbResultExt<T> for sqlx::Result<T> {
    fn or_internal(self) -> protocol::Result<T> {
        self.map_err(|cause| database_error(&cause))
    }
}
