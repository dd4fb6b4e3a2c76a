//! What a user sets for their own view of a room; only they see it.

use crate::{
    command::{SetRoomNotifications, SetRoomOrder},
    error::Result,
    id::RoomId,
    session::Caller,
};
use async_trait::async_trait;

/// What a user sets for their own view of a room; only they see it.
#[async_trait]
pub trait RoomPreferences: Send + Sync + 'static {
    /// Makes a room a favorite of the caller, or no favorite any more.
    async fn set_favorite(&self, caller: &Caller, room: RoomId, favorite: bool) -> Result<()>;
    /// Sets which messages of a room the caller is notified of, and until when it is muted.
    async fn set_room_notifications(&self, caller: &Caller, room: RoomId, command: SetRoomNotifications) -> Result<()>;
    /// Sets the order of the caller's rooms.
    async fn set_room_order(&self, caller: &Caller, command: SetRoomOrder) -> Result<()>;
}
