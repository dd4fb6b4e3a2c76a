//! Invitations to rooms: the invited user decides whether to join.

use crate::{
    command::InviteToRoom,
    error::Result,
    id::{RoomId, RoomInvitationId},
    page::{Created, Page, PageQuery},
    room::Room,
    room_invitation::RoomInvitation,
    session::Caller,
};
use async_trait::async_trait;

/// Invitations to rooms: the invited user decides whether to join.
#[async_trait]
pub trait RoomInvitations: Send + Sync + 'static {
    /// Lists the pending invitations of a room, newest first, for users who may add members to it.
    async fn list_room_invitations(
        &self,
        caller: &Caller,
        room: RoomId,
        page: PageQuery,
    ) -> Result<Page<RoomInvitation>>;
    /// Invites a user; requires the permission to add members. An invitation that is already pending is returned.
    async fn create_room_invitation(
        &self,
        caller: &Caller,
        room: RoomId,
        command: InviteToRoom,
    ) -> Result<Created<RoomInvitation>>;
    /// Revokes a pending invitation: its creator may, and the room's owner and moderators.
    async fn delete_room_invitation(&self, caller: &Caller, room: RoomId, id: RoomInvitationId) -> Result<()>;
    /// Lists the caller's own pending invitations, newest first.
    async fn list_invitations(&self, caller: &Caller, page: PageQuery) -> Result<Page<RoomInvitation>>;
    /// Accepts an invitation and joins the room.
    async fn accept_invitation(&self, caller: &Caller, id: RoomInvitationId) -> Result<Room>;
    /// Declines an invitation. Nobody is notified, and the caller cannot be invited to the room again for a day.
    async fn decline_invitation(&self, caller: &Caller, id: RoomInvitationId) -> Result<()>;
}
