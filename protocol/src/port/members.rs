//! Members of rooms, and their read markers.

use crate::{
    command::{AddMembers, MarkRead},
    error::Result,
    event::ReadMarker,
    id::{RoomId, UserId},
    page::{Page, PageQuery},
    room::{AddedMembers, Member},
    session::Caller,
};
use async_trait::async_trait;

/// Members of rooms, and their read markers.
#[async_trait]
pub trait Members: Send + Sync + 'static {
    /// The people in a room, by name.
    async fn members(&self, caller: &Caller, id: RoomId, page: PageQuery) -> Result<Page<Member>>;
    /// Adds people: any member of a public room may, in a private one its owner and moderators. Who left it is invited.
    async fn add_members(&self, caller: &Caller, id: RoomId, command: AddMembers) -> Result<AddedMembers>;
    /// Shows someone out: the room's owner and moderators may.
    async fn remove_member(&self, caller: &Caller, id: RoomId, user: UserId) -> Result<()>;
    /// Marks a room read up to a message; never backwards.
    async fn mark_read(&self, caller: &Caller, id: RoomId, command: MarkRead) -> Result<ReadMarker>;
}
