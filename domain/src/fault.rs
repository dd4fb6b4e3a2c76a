//! Why something inside did not happen.

use crate::store;
use protocol::{Error, error::Code};

/// Refused because of the caller, or broken because of us.
#[derive(Debug)]
pub enum Fault {
    /// The caller is told why.
    Refused(Error),
    /// The log is told why, the caller only that.
    Broken(sqlx::Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Broken(error)
    }
}

impl Fault {
    /// What the caller is told.
    pub fn told(self) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::Broken(cause) => database(&cause),
        }
    }
}

/// Logs what broke; answers what the caller is told.
pub fn broken(cause: &dyn std::error::Error) -> Error {
    tracing::error!(%cause, "the database refused");
    Error::internal()
}

/// A database that was closed because we stop is nothing to report; one that does not answer may do so again soon.
fn database(cause: &sqlx::Error) -> Error {
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
        cause => broken(cause),
    }
}

/// Turns what the database says into what the caller is told.
pub trait OrBroken<T> {
    /// The value, or an internal error whose cause is in the log.
    fn or_broken(self) -> protocol::Result<T>;
}

impl<T> OrBroken<T> for sqlx::Result<T> {
    fn or_broken(self) -> protocol::Result<T> {
        self.map_err(|cause| database(&cause))
    }
}
