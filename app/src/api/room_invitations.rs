//! Server functions for room invitations.

#[cfg(feature = "ssr")]
use crate::api::request::{redirect_back_on_error, require_caller};
use crate::{
    api::{Failure, Wire},
    page_user::PageClient,
};
use leptos::server;
use protocol::{
    id::{RoomId, RoomInvitationId},
    page::Page,
    room_invitation::RoomInvitation,
};
#[cfg(feature = "ssr")]
use protocol::{limits::PAGE_MAX, page::PageQuery};

#[cfg(feature = "ssr")]
const PAGE: &str = "/notifications";

/// The pending invitations to a room, newest first.
#[server(prefix = "/do/read", endpoint = "list-room-invitations", client = PageClient)]
pub async fn list_room_invitations(room_id: RoomId) -> Result<Wire<Page<RoomInvitation>>, Failure> {
    let (chat, caller) = require_caller()?;
    let page = PageQuery { limit: PAGE_MAX, cursor: None };
    Ok(Wire(chat.list_room_invitations(&caller, room_id, page).await?))
}

/// Revokes an invitation to a room.
#[server(prefix = "/do", endpoint = "revoke-room-invitation", client = PageClient)]
pub async fn revoke_room_invitation(room_id: RoomId, id: RoomInvitationId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let revoked = chat.delete_room_invitation(&caller, room_id, id).await.map_err(Failure);
    let page = format!("/rooms/{room_id}/members");
    redirect_back_on_error::<RevokeRoomInvitation, _>(revoked, &page, &[])?;
    leptos_axum::redirect(&page);
    Ok(())
}

/// Accepts a room invitation and opens the room.
#[cfg(feature = "ssr")]
#[server(prefix = "/do", endpoint = "accept-invitation")]
pub async fn accept_invitation(id: RoomInvitationId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let accepted = chat.accept_invitation(&caller, id).await.map_err(Failure);
    let room = redirect_back_on_error::<AcceptInvitation, _>(accepted, PAGE, &[])?;
    leptos_axum::redirect(&format!("/rooms/{}", room.id));
    Ok(())
}

/// Declines a room invitation.
#[cfg(feature = "ssr")]
#[server(prefix = "/do", endpoint = "decline-invitation")]
pub async fn decline_invitation(id: RoomInvitationId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let declined = chat.decline_invitation(&caller, id).await.map_err(Failure);
    redirect_back_on_error::<DeclineInvitation, _>(declined, PAGE, &[])?;
    leptos_axum::redirect(PAGE);
    Ok(())
}
