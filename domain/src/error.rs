//! Why something inside did not happen.

use crate::store;
use protocol::{Error, error::Code};

/// Refused because of the caller, or broken because of us.
#[derive(Debug)]
pub enum CommandError {
    /// The caller is told why.
    Rejected(Error),
    /// The log is told why, the caller only that.
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

impl CommandError {
    /// What the caller is told.
    pub fn into_public(self) -> Error {
        match self {
            Self::Rejected(error) => error,
            Self::Database(cause) => database_error(&cause),
        }
    }
}

/// Logs what broke; answers what the caller is told.
pub fn internal_error(cause: &dyn std::error::Error) -> Error {
    tracing::error!(%cause, "internal error");
    Error::internal()
}

/// A database that was closed because we stop is nothing to report; one that does not answer may do so again soon.
fn database_error(cause: &sqlx::Error) -> Error {
    match cause {
        sqlx::Error::PoolClosed => Error::new(Code::Busy, "The server is stopping. Try again in a moment."),
        cause if store::is_disk_full(cause) => {
            tracing::error!(%cause, "the disk is full");
            Error::disk_full()
        }
        cause if store::is_unavailable(cause) => {
            tracing::error!(%cause, "the database does not answer");
            Error::new(Code::Busy, "The server cannot reach its database. Try again in a moment.")
        }
        cause => internal_error(cause),
    }
}

/// Turns what the database says into what the caller is told.
pub trait DbResultExt<T> {
    /// The value, or an internal error whose cause is in the log.
    fn or_internal(self) -> protocol::Result<T>;
}

impl<T> DbResultExt<T> for sqlx::Result<T> {
    fn or_internal(self) -> protocol::Result<T> {
        self.map_err(|cause| database_error(&cause))
    }
}
