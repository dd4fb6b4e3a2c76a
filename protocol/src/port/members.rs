//! Members of rooms.

use crate::{
    command::AddMembers,
    error::Result,
    id::{RoomId, UserId},
    page::{Page, PageQuery},
    room::{AddedMembers, Member},
    session::Caller,
};
use async_trait::async_trait;

/// Members of rooms.
#[async_trait]
pub trait Members: Send + Sync + 'static {
    /// Lists the members of a room, by username.
    async fn list_members(&self, caller: &Caller, id: RoomId, page: PageQuery) -> Result<Page<Member>>;
    /// Adds members: any member of a public room may, in a private one its owner and moderators. Users who left are
    /// invited.
    async fn add_members(&self, caller: &Caller, id: RoomId, command: AddMembers) -> Result<AddedMembers>;
    /// Removes a member: the room's owner and moderators may.
    async fn remove_member(&self, caller: &Caller, id: RoomId, user: UserId) -> Result<()>;
}
