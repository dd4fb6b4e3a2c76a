//! Who is in a room.

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
    port::prelude::*,
    room::{AddedMembers, Member},
};
use std::sync::Arc;

/// List members of a room
#[utoipa::path(get, path = "/rooms/{id}/members", tag = "Members",
    params(("id" = RoomId, Path, description = "The room."), PageParams), responses(
    (status = 200, description = "A page of people.", body = Page<Member>),
    (status = 403, description = "not_a_member"),
))]
pub async fn list_members(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
    Query(query): Query<PageParams>,
) -> Reply<Json<Page<Member>>> {
    let page = PageQuery { limit: page_size(query.limit)?, cursor: query.cursor };
    Ok(Json(chat.members(&caller, id, page).await?))
}

/// Add members
///
/// Any member of a public room may; in a private one its owner and moderators. Who left the room by themselves, or was invited
/// into it before, is invited and decides. Who was removed can be added again.
#[utoipa::path(post, path = "/rooms/{id}/members", tag = "Members", request_body = AddMembers,
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 200, description = "What became of each of them.", body = AddedMembers),
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
/// The room's owner and moderators may. From that moment they get nothing more from it.
#[utoipa::path(delete, path = "/rooms/{id}/members/{user_id}", tag = "Members",
    params(("id" = RoomId, Path, description = "The room."), ("user_id" = UserId, Path, description = "The person.")),
    responses(
    (status = 204, description = "They are out."),
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
