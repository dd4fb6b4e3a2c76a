//! Room invitations.

use super::{PageParams, created, page_size};
use crate::{
    caller::SignedIn,
    input::{Body, PathParam, Query},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::InviteToRoom,
    id::{RoomId, RoomInvitationId},
    page::{Page, PageQuery},
    permissions::Permission,
    port::prelude::*,
    room::Room,
    room_invitation::RoomInvitation,
};
use std::sync::Arc;

/// List pending invitations to a room
///
/// For users who may add members to it.
#[utoipa::path(get, path = "/rooms/{id}/invitations", tag = "Members", extensions(("x-right" = json!(Permission::ManageMembers))),
    params(("id" = RoomId, Path, description = "The room."), PageParams), responses(
    (status = 200, description = "A page of invitations.", body = Page<RoomInvitation>),
    (status = 403, description = "forbidden, not_a_member"),
))]
pub async fn list_room_invitations(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
    Query(query): Query<PageParams>,
) -> Reply<Json<Page<RoomInvitation>>> {
    let page = PageQuery { limit: page_size(query.limit)?, cursor: query.cursor };
    Ok(Json(chat.list_room_invitations(&caller, id, page).await?))
}

/// Invite a user to a room
///
/// Requires the permission to add members. The user is notified, and decides; until then they see nothing of a private
/// room but its name. A user who declined cannot be invited again for a day.
#[utoipa::path(post, path = "/rooms/{id}/invitations", tag = "Members", extensions(("x-right" = json!(Permission::ManageMembers))), request_body = InviteToRoom,
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 201, description = "The invitation is created.", body = RoomInvitation),
    (status = 200, description = "The invitation that is already pending.", body = RoomInvitation),
    (status = 403, description = "forbidden, not_a_member, banned"),
    (status = 409, description = "already_member, direct_members_fixed, lobby_membership_fixed, too_many_rooms, room_archived"),
))]
pub async fn create_room_invitation(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
    Body(command): Body<InviteToRoom>,
) -> Reply<(StatusCode, Json<RoomInvitation>)> {
    Ok(created(chat.create_room_invitation(&caller, id, command).await?))
}

/// Revoke a room invitation
///
/// Allowed for its creator, and for the room's owner and moderators.
#[utoipa::path(delete, path = "/rooms/{id}/invitations/{invitation_id}", tag = "Members", extensions(("x-right" = json!(Permission::ManageMembers))), params(
    ("id" = RoomId, Path, description = "The room."),
    ("invitation_id" = RoomInvitationId, Path, description = "The invitation."),
    ), responses(
    (status = 204, description = "The invitation is revoked."),
    (status = 403, description = "forbidden, not_a_member"),
))]
pub async fn delete_room_invitation(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam((id, invitation)): PathParam<(RoomId, RoomInvitationId)>,
) -> Reply<StatusCode> {
    chat.delete_room_invitation(&caller, id, invitation).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List your room invitations
#[utoipa::path(get, path = "/invitations", tag = "Members", extensions(("x-right" = json!(Permission::Read))), params(PageParams), responses(
    (status = 200, description = "A page of invitations.", body = Page<RoomInvitation>),
))]
pub async fn list_invitations(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Query(query): Query<PageParams>,
) -> Reply<Json<Page<RoomInvitation>>> {
    let page = PageQuery { limit: page_size(query.limit)?, cursor: query.cursor };
    Ok(Json(chat.list_invitations(&caller, page).await?))
}

/// Accept a room invitation
#[utoipa::path(post, path = "/invitations/{id}/accept", tag = "Members", extensions(("x-right" = json!(Permission::EditOwn))),
    params(("id" = RoomInvitationId, Path, description = "The invitation.")), responses(
    (status = 200, description = "The room; the caller is a member now.", body = Room),
    (status = 403, description = "banned"),
    (status = 409, description = "lobby_membership_fixed, too_many_rooms, room_full, room_archived"),
))]
pub async fn accept_invitation(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomInvitationId>,
) -> Reply<Json<Room>> {
    Ok(Json(chat.accept_invitation(&caller, id).await?))
}

/// Decline a room invitation
///
/// Nobody is notified.
#[utoipa::path(post, path = "/invitations/{id}/decline", tag = "Members", extensions(("x-right" = json!(Permission::EditOwn))),
    params(("id" = RoomInvitationId, Path, description = "The invitation.")), responses(
    (status = 204, description = "The invitation is declined."),
))]
pub async fn decline_invitation(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomInvitationId>,
) -> Reply<StatusCode> {
    chat.decline_invitation(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
