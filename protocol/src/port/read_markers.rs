//! Read markers, and what is unread.

use crate::{
    command::{ClearUnread, MarkRead, RestoreUnread},
    error::Result,
    event::ReadMarker,
    id::{MessageId, RoomId},
    session::Caller,
    unread::{ClearedUnread, Unread},
};
use async_trait::async_trait;

/// Read markers, and what is unread.
#[async_trait]
pub trait ReadMarkers: Send + Sync + 'static {
    /// Marks a room as read up to a message; this never moves the read marker backwards.
    async fn mark_read(&self, caller: &Caller, id: RoomId, command: MarkRead) -> Result<ReadMarker>;
    /// Marks a message and all after it as unread; this never moves the read marker forward.
    async fn mark_unread(&self, caller: &Caller, id: MessageId) -> Result<ReadMarker>;
    /// Marks a room, or all rooms, as read; returns what is needed to undo it.
    async fn clear_unread(&self, caller: &Caller, command: ClearUnread) -> Result<ClearedUnread>;
    /// Marks messages, and all after each in its room, as unread, to undo [`Self::clear_unread`]. Messages that the caller
    /// can no longer see are skipped.
    async fn restore_unread(&self, caller: &Caller, command: RestoreUnread) -> Result<()>;
    /// Lists the rooms with unread messages.
    async fn list_unread(&self, caller: &Caller) -> Result<Unread>;
}
