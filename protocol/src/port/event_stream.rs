//! Snapshots and the event stream.

use crate::{
    cursor::Cursor,
    error::Result,
    session::Caller,
    sync::{Events, PageSnapshot, Snapshot},
};
use async_trait::async_trait;

/// Snapshots and the event stream.
#[async_trait]
pub trait EventStream: Send + Sync + 'static {
    /// Gets everything the caller sees, and the position in the stream that it reflects.
    async fn get_snapshot(&self, caller: &Caller) -> Result<Snapshot>;
    /// Gets the same, and what a page needs besides.
    async fn get_page_snapshot(&self, caller: &Caller) -> Result<PageSnapshot>;
    /// Gets the events after a cursor, waiting up to `seconds` for one.
    async fn poll_events(&self, caller: &Caller, after: Cursor, seconds: u64) -> Result<Events>;
}
