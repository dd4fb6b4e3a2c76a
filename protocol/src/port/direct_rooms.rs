//! Direct and group rooms.

use crate::{command::OpenDirectRoom, error::Result, page::Created, room::Room, session::Caller};
use async_trait::async_trait;

/// Direct and group rooms.
#[async_trait]
pub trait DirectRooms: Send + Sync + 'static {
    /// Opens the room of the caller and some other users, which is created if it does not exist.
    async fn open_direct_room(&self, caller: &Caller, command: OpenDirectRoom) -> Result<Created<Room>>;
}
