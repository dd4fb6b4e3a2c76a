//! Snapshots and the stream of events.

use crate::{
    cursor::Cursor,
    error::Result,
    session::Caller,
    sync::{Events, Snapshot},
};
use async_trait::async_trait;

/// Snapshots and the stream of events.
#[async_trait]
pub trait EventStream: Send + Sync + 'static {
    /// What the caller sees, and where in the stream that is.
    async fn snapshot(&self, caller: &Caller) -> Result<Snapshot>;
    /// The events after a cursor, waiting up to `seconds` for one.
    async fn events(&self, caller: &Caller, after: Cursor, seconds: u64) -> Result<Events>;
}
