//! Members of rooms.

use crate::{
    command::{AddMembers, SetRoomRole, TransferRoom},
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
    /// Loads a member of a room that the caller is in.
    async fn get_member(&self, caller: &Caller, id: RoomId, user: UserId) -> Result<Member>;
    /// Adds members: any member of a public room may, in a private one its owner and moderators. Users who left are
    /// invited.
    async fn add_members(&self, caller: &Caller, id: RoomId, command: AddMembers) -> Result<AddedMembers>;
    /// Removes a member: the room's owner and moderators may.
    async fn remove_member(&self, caller: &Caller, id: RoomId, user: UserId) -> Result<()>;
    /// Restores the membership of a user whom the caller removed, or of the caller who left, within the last ten
    /// seconds, as it was.
    async fn restore_member(&self, caller: &Caller, id: RoomId, user: UserId) -> Result<Member>;
    /// Changes a member's role: owners give any role, moderators lesser roles than their own.
    async fn set_room_role(&self, caller: &Caller, id: RoomId, user: UserId, command: SetRoomRole) -> Result<Member>;
    /// Makes another member owner, and the caller a moderator. Returns the new owner.
    async fn transfer_room(&self, caller: &Caller, id: RoomId, command: TransferRoom) -> Result<Member>;
}
