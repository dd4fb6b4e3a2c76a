//! Server functions for room invitations.

use crate::api::Failure;
use crate::api::request::{redirect_back_on_error, require_caller};
use leptos::server;
use protocol::id::{RoomId, RoomInvitationId};

const PAGE: &str = "/notifications";

/// Revokes an invitation to a room.
#[server(prefix = "/do", endpoint = "revoke-room-invitation")]
pub async fn revoke_room_invitation(room_id: RoomId, id: RoomInvitationId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let revoked = chat.delete_room_invitation(&caller, room_id, id).await.map_err(Failure);
    let page = format!("/rooms/{room_id}/members");
    redirect_back_on_error::<RevokeRoomInvitation, _>(revoked, &page, &[])?;
    leptos_axum::redirect(&page);
    Ok(())
}

/// Accepts a room invitation and opens the room.
#[server(prefix = "/do", endpoint = "accept-invitation")]
pub async fn accept_invitation(id: RoomInvitationId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let accepted = chat.accept_invitation(&caller, id).await.map_err(Failure);
    let room = redirect_back_on_error::<AcceptInvitation, _>(accepted, PAGE, &[])?;
    leptos_axum::redirect(&format!("/rooms/{}", room.id));
    Ok(())
}

/// Declines a room invitation.
#[server(prefix = "/do", endpoint = "decline-invitation")]
pub async fn decline_invitation(id: RoomInvitationId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let declined = chat.decline_invitation(&caller, id).await.map_err(Failure);
    redirect_back_on_error::<DeclineInvitation, _>(declined, PAGE, &[])?;
    leptos_axum::redirect(PAGE);
    Ok(())
}
