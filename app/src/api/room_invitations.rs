//! Server functions for room invitations.

use crate::api::{
    Failure,
    request::{redirect_back_on_error, require_caller},
};
use leptos::server;
use protocol::id::RoomInvitationId;

const PAGE: &str = "/notifications";

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
