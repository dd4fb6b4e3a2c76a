//! The rooms that new users join besides the Lobby.

use crate::{command::SetDefaultRooms, error::Result, room::Room, session::Caller};
use async_trait::async_trait;

/// The rooms that new users join besides the Lobby.
#[async_trait]
pub trait DefaultRooms: Send + Sync + 'static {
    /// Lists the rooms that new users join, in order.
    async fn list_default_rooms(&self, caller: &Caller) -> Result<Vec<Room>>;
    /// Sets the rooms that new users join; existing users stay where they are.
    async fn set_default_rooms(&self, caller: &Caller, command: SetDefaultRooms) -> Result<Vec<Room>>;
}
