//! Invitations into rooms: who is invited decides.

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

/// Invitations into rooms: who is invited decides.
#[async_trait]
pub trait RoomInvitations: Send + Sync + 'static {
    /// The pending ones of a room, newest first, for those who may invite people into it.
    async fn list_room_invitations(
        &self,
        caller: &Caller,
        room: RoomId,
        page: PageQuery,
    ) -> Result<Page<RoomInvitation>>;
    /// Invites someone; who may add people may. Who is invited already stays so.
    async fn create_room_invitation(
        &self,
        caller: &Caller,
        room: RoomId,
        command: InviteToRoom,
    ) -> Result<Created<RoomInvitation>>;
    /// Withdraws a pending one: who made it may, and the room's owner and moderators.
    async fn delete_room_invitation(&self, caller: &Caller, room: RoomId, id: RoomInvitationId) -> Result<()>;
    /// The caller's own pending ones, newest first.
    async fn list_invitations(&self, caller: &Caller, page: PageQuery) -> Result<Page<RoomInvitation>>;
    /// Enters the room.
    async fn accept_invitation(&self, caller: &Caller, id: RoomInvitationId) -> Result<Room>;
    /// Says no. Nobody is told, and nobody invites the caller there again for a day.
    async fn decline_invitation(&self, caller: &Caller, id: RoomInvitationId) -> Result<()>;
}
