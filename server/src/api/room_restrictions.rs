//! Bans from rooms, and mutes in them.

use super::{PageParams, page_size};
use crate::{
    caller::SignedIn,
    input::{Body, PathParam, Query},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::RestrictMember,
    id::{RoomId, UserId},
    page::{Page, PageQuery},
    permissions::Permission,
    port::prelude::*,
    room::MemberRestriction,
};
use std::sync::Arc;

/// List bans
///
/// Users banned from the room, for members who may manage members.
#[utoipa::path(get, path = "/rooms/{id}/bans", tag = "Members", extensions(("x-right" = json!(Permission::ManageMembers))),
    params(("id" = RoomId, Path, description = "The room."), PageParams), responses(
    (status = 200, description = "A page of those that have not ended.", body = Page<MemberRestriction>),
    (status = 403, description = "forbidden, not_a_member"),
))]
pub async fn list_bans(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
    Query(query): Query<PageParams>,
) -> Reply<Json<Page<MemberRestriction>>> {
    let page = PageQuery { limit: page_size(query.limit)?, cursor: query.cursor };
    Ok(Json(chat.list_bans(&caller, id, page).await?))
}

/// Ban a user
///
/// From the room, for members who may manage members, of users with lesser roles. The user is removed, and cannot join or be
/// invited until the ban ends. A second ban replaces the first.
#[utoipa::path(put, path = "/rooms/{id}/bans/{user_id}", tag = "Members", extensions(("x-right" = json!(Permission::ManageMembers))), request_body = RestrictMember,
    params(("id" = RoomId, Path, description = "The room."), ("user_id" = UserId, Path, description = "The user.")),
    responses(
    (status = 200, description = "The ban.", body = MemberRestriction),
    (status = 403, description = "forbidden, not_a_member"),
    (status = 409, description = "lobby_membership_fixed"),
))]
pub async fn ban_user(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam((id, user)): PathParam<(RoomId, UserId)>,
    Body(command): Body<RestrictMember>,
) -> Reply<Json<MemberRestriction>> {
    Ok(Json(chat.ban_user(&caller, id, user, command).await?))
}

/// Lift a ban
#[utoipa::path(delete, path = "/rooms/{id}/bans/{user_id}", tag = "Members", extensions(("x-right" = json!(Permission::ManageMembers))),
    params(("id" = RoomId, Path, description = "The room."), ("user_id" = UserId, Path, description = "The user.")),
    responses(
    (status = 204, description = "It is lifted."),
    (status = 403, description = "forbidden, not_a_member"),
))]
pub async fn unban_user(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam((id, user)): PathParam<(RoomId, UserId)>,
) -> Reply<StatusCode> {
    chat.unban_user(&caller, id, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List mutes
///
/// Members muted in the room, for members who may manage members.
#[utoipa::path(get, path = "/rooms/{id}/mutes", tag = "Members", extensions(("x-right" = json!(Permission::ManageMembers))),
    params(("id" = RoomId, Path, description = "The room."), PageParams), responses(
    (status = 200, description = "A page of those that have not ended.", body = Page<MemberRestriction>),
    (status = 403, description = "forbidden, not_a_member"),
))]
pub async fn list_mutes(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
    Query(query): Query<PageParams>,
) -> Reply<Json<Page<MemberRestriction>>> {
    let page = PageQuery { limit: page_size(query.limit)?, cursor: query.cursor };
    Ok(Json(chat.list_mutes(&caller, id, page).await?))
}

/// Mute a member
///
/// In the room, for members who may manage members, of members with lesser roles. Until the mute ends, also after leaving and
/// joining again, they cannot send, edit or react. A second mute replaces the first.
#[utoipa::path(put, path = "/rooms/{id}/mutes/{user_id}", tag = "Members", extensions(("x-right" = json!(Permission::ManageMembers))), request_body = RestrictMember,
    params(("id" = RoomId, Path, description = "The room."), ("user_id" = UserId, Path, description = "The user.")),
    responses(
    (status = 200, description = "The mute.", body = MemberRestriction),
    (status = 403, description = "forbidden, not_a_member"),
))]
pub async fn mute_member(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam((id, user)): PathParam<(RoomId, UserId)>,
    Body(command): Body<RestrictMember>,
) -> Reply<Json<MemberRestriction>> {
    Ok(Json(chat.mute_member(&caller, id, user, command).await?))
}

/// Lift a mute
#[utoipa::path(delete, path = "/rooms/{id}/mutes/{user_id}", tag = "Members", extensions(("x-right" = json!(Permission::ManageMembers))),
    params(("id" = RoomId, Path, description = "The room."), ("user_id" = UserId, Path, description = "The user.")),
    responses(
    (status = 204, description = "It is lifted."),
    (status = 403, description = "forbidden, not_a_member"),
))]
pub async fn unmute_member(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam((id, user)): PathParam<(RoomId, UserId)>,
) -> Reply<StatusCode> {
    chat.unmute_member(&caller, id, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
