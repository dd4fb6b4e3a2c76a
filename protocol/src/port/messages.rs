//! Sending, editing, deleting and reading messages.

use crate::{
    command::{EditMessage, HistoryRange, SendMessage},
    error::Result,
    id::{MessageId, RoomId},
    message::Message,
    page::Created,
    room_state::History,
    session::Caller,
};
use async_trait::async_trait;

/// Sending, editing, deleting and reading messages.
#[async_trait]
pub trait Messages: Send + Sync + 'static {
    /// A page of a room's messages.
    async fn history(&self, caller: &Caller, id: RoomId, span: HistoryRange, limit: u32) -> Result<History>;
    /// One message.
    async fn message(&self, caller: &Caller, id: MessageId) -> Result<Message>;
    /// Says something; answers once it is durably stored.
    async fn send(&self, caller: &Caller, room: RoomId, command: SendMessage) -> Result<Created<Message>>;
    /// Changes what the caller said.
    async fn edit(&self, caller: &Caller, id: MessageId, command: EditMessage) -> Result<Message>;
    /// Takes back what the caller said; a room's owner and moderators may take back anyone's.
    async fn delete(&self, caller: &Caller, id: MessageId) -> Result<Message>;
}
