//! Members of rooms.

use super::{PageParams, page_size};
use crate::{
    caller::SignedIn,
    input::{Body, PathParam, Query},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::{AddMembers, SetRoomRole, TransferRoom},
    id::{RoomId, UserId},
    page::{Page, PageQuery},
    permissions::Permission,
    port::prelude::*,
    room::{AddedMembers, Member},
};
use std::sync::Arc;

/// List members of a room
#[utoipa::path(get, path = "/rooms/{id}/members", tag = "Members", extensions(("x-right" = json!(Permission::Read))),
    params(("id" = RoomId, Path, description = "The room."), PageParams), responses(
    (status = 200, description = "A page of members.", body = Page<Member>),
    (status = 403, description = "not_a_member"),
))]
pub async fn list_members(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
    Query(query): Query<PageParams>,
) -> Reply<Json<Page<Member>>> {
    let page = PageQuery { limit: page_size(query.limit)?, cursor: query.cursor };
    Ok(Json(chat.list_members(&caller, id, page).await?))
}

/// Add members
///
/// Any member of a public room may add members; in a private room, only its owner and moderators. Users who left the
/// room themselves, were invited to it before or are in many rooms are invited, and decide. Users who were removed can
/// be added again.
#[utoipa::path(post, path = "/rooms/{id}/members", tag = "Members", extensions(("x-right" = json!(Permission::ManageMembers))), request_body = AddMembers,
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 200, description = "The result for each user.", body = AddedMembers),
    (status = 403, description = "forbidden, not_a_member"),
    (status = 409, description = "direct_members_fixed, room_archived"),
))]
pub async fn add_members(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
    Body(command): Body<AddMembers>,
) -> Reply<Json<AddedMembers>> {
    Ok(Json(chat.add_members(&caller, id, command).await?))
}

/// Remove a member
///
/// Allowed for the room's owner and moderators. From then on, the user receives nothing more from the room.
#[utoipa::path(delete, path = "/rooms/{id}/members/{user_id}", tag = "Members", extensions(("x-right" = json!(Permission::ManageMembers))),
    params(("id" = RoomId, Path, description = "The room."), ("user_id" = UserId, Path, description = "The user.")),
    responses(
    (status = 204, description = "The member is removed."),
    (status = 403, description = "forbidden, not_a_member"),
    (status = 409, description = "direct_members_fixed, lobby_membership_fixed, last_owner"),
))]
pub async fn remove_member(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam((id, user)): PathParam<(RoomId, UserId)>,
) -> Reply<StatusCode> {
    chat.remove_member(&caller, id, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Undo a removal
///
/// Within ten seconds after the caller removed the member, or left: the membership is as it was before.
#[utoipa::path(post, path = "/rooms/{id}/members/{user_id}/restore", tag = "Members", extensions(("x-right" = json!(Permission::EditOwn))),
    params(("id" = RoomId, Path, description = "The room."), ("user_id" = UserId, Path, description = "The user.")),
    responses(
    (status = 200, description = "The member.", body = Member),
    (status = 403, description = "forbidden, not_a_member, banned"),
    (status = 409, description = "lobby_membership_fixed, room_full, room_archived, too_many_rooms"),
))]
pub async fn restore_member(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam((id, user)): PathParam<(RoomId, UserId)>,
) -> Reply<Json<Member>> {
    Ok(Json(chat.restore_member(&caller, id, user).await?))
}

/// Change a member's role
///
/// Owners give any role; other members with the permission to manage members give lesser roles than their own to members
/// with lesser roles. Everyone may give up a role of their own, except the last owner.
#[utoipa::path(put, path = "/rooms/{id}/members/{user_id}", tag = "Members", extensions(("x-right" = json!(Permission::ManageMembers))), request_body = SetRoomRole,
    params(("id" = RoomId, Path, description = "The room."), ("user_id" = UserId, Path, description = "The user.")),
    responses(
    (status = 200, description = "The member, with the role.", body = Member),
    (status = 403, description = "forbidden, not_a_member"),
    (status = 409, description = "last_owner"),
))]
pub async fn set_room_role(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam((id, user)): PathParam<(RoomId, UserId)>,
    Body(command): Body<SetRoomRole>,
) -> Reply<Json<Member>> {
    Ok(Json(chat.set_room_role(&caller, id, user, command).await?))
}

/// Hand a room over
///
/// For its owners: the other member becomes owner, and the caller a moderator.
#[utoipa::path(post, path = "/rooms/{id}/transfer", tag = "Members", extensions(("x-right" = json!(Permission::ManageMembers))), request_body = TransferRoom,
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 200, description = "The new owner.", body = Member),
    (status = 403, description = "forbidden, not_a_member"),
))]
pub async fn transfer_room(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
    Body(command): Body<TransferRoom>,
) -> Reply<Json<Member>> {
    Ok(Json(chat.transfer_room(&caller, id, command).await?))
}
