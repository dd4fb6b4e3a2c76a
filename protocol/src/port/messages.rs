//! Sending, editing, deleting and reading messages.

use crate::{
    command::{EditMessage, HistoryRange, SendMessage},
    error::Result,
    id::{MessageId, RoomId},
    message::History,
    message::Message,
    page::Created,
    session::Caller,
};
use async_trait::async_trait;

/// Sending, editing, deleting and reading messages.
#[async_trait]
pub trait Messages: Send + Sync + 'static {
    /// Lists a page of a room's messages.
    async fn list_messages(&self, caller: &Caller, id: RoomId, range: HistoryRange, limit: u32) -> Result<History>;
    /// Gets a message.
    async fn get_message(&self, caller: &Caller, id: MessageId) -> Result<Message>;
    /// Sends a message; returns once it is durably stored.
    async fn send_message(&self, caller: &Caller, room: RoomId, command: SendMessage) -> Result<Created<Message>>;
    /// Edits a message of the caller.
    async fn edit_message(&self, caller: &Caller, id: MessageId, command: EditMessage) -> Result<Message>;
    /// Deletes a message of the caller; a room's owner and moderators may delete any message.
    async fn delete_message(&self, caller: &Caller, id: MessageId) -> Result<Message>;
}
