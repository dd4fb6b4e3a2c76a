//! Rooms, and joining and leaving them.

use crate::{
    command::{CreateRoom, RoomFilter},
    error::Result,
    id::{ClientId, RoomId},
    page::{Created, Page, PageQuery},
    room::Room,
    session::Caller,
};
use async_trait::async_trait;

/// Rooms, and joining and leaving them.
#[async_trait]
pub trait Rooms: Send + Sync + 'static {
    /// Lists rooms by name.
    async fn list_rooms(&self, caller: &Caller, filter: RoomFilter, page: PageQuery) -> Result<Page<Room>>;
    /// Gets a room that the caller is a member of or may find.
    async fn get_room(&self, caller: &Caller, id: RoomId) -> Result<Room>;
    /// Creates a room with the caller as its owner.
    async fn create_room(&self, caller: &Caller, command: CreateRoom, key: Option<ClientId>) -> Result<Created<Room>>;
    /// Joins a public room; returns the room if the caller is already a member.
    async fn join_room(&self, caller: &Caller, id: RoomId) -> Result<Room>;
    /// Leaves a room.
    async fn leave_room(&self, caller: &Caller, id: RoomId) -> Result<()>;
}
