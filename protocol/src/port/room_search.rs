//! Search for rooms.

use crate::{command::SearchRooms, error::Result, page::Page, room::Room, session::Caller};
use async_trait::async_trait;

/// Search for rooms.
#[async_trait]
pub trait RoomSearch: Send + Sync + 'static {
    /// Searches the rooms that the caller may see, but direct and group rooms, by name and topic.
    async fn search_rooms(&self, caller: &Caller, command: SearchRooms) -> Result<Page<Room>>;
}
