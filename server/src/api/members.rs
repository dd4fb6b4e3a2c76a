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
    command::AddMembers,
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
    (status = 409, description = "lobby_membership_fixed"),
))]
pub async fn remove_member(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam((id, user)): PathParam<(RoomId, UserId)>,
) -> Reply<StatusCode> {
    chat.remove_member(&caller, id, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
