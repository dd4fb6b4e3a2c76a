//! Who is in a room.

use super::{PageParams, made, page_size};
use crate::{
    caller::SignedIn,
    input::{Body, Named, Query},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::AddMember,
    id::{RoomId, UserId},
    page::{Page, PageQuery},
    port::Chat,
    room::Member,
};
use std::sync::Arc;

/// The people in a room, by name
#[utoipa::path(get, path = "/rooms/{id}/members", tag = "Members",
    params(("id" = RoomId, Path, description = "The room."), PageParams), responses(
    (status = 200, description = "A page of people.", body = Page<Member>),
    (status = 403, description = "not_a_member"),
))]
pub async fn list_members(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Named(id): Named<RoomId>,
    Query(query): Query<PageParams>,
) -> Reply<Json<Page<Member>>> {
    let page = PageQuery { limit: page_size(query.limit)?, cursor: query.cursor };
    Ok(Json(chat.members(&caller, id, page).await?))
}

/// Bring someone in
///
/// Any member of a public room may; in a private one its owner and moderators.
#[utoipa::path(post, path = "/rooms/{id}/members", tag = "Members", request_body = AddMember,
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 201, description = "They are in.", body = Member),
    (status = 200, description = "They were in already.", body = Member),
    (status = 403, description = "forbidden, not_a_member"),
))]
pub async fn add_member(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Named(id): Named<RoomId>,
    Body(command): Body<AddMember>,
) -> Reply<(StatusCode, Json<Member>)> {
    Ok(made(chat.add_member(&caller, id, command).await?))
}

/// Show someone out
///
/// The room's owner and moderators may. From that moment they get nothing more from it.
#[utoipa::path(delete, path = "/rooms/{id}/members/{user_id}", tag = "Members",
    params(("id" = RoomId, Path, description = "The room."), ("user_id" = UserId, Path, description = "The person.")),
    responses(
    (status = 204, description = "They are out."),
    (status = 403, description = "forbidden, not_a_member"),
    (status = 409, description = "lobby_is_for_everyone"),
))]
pub async fn remove_member(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Named((id, user)): Named<(RoomId, UserId)>,
) -> Reply<StatusCode> {
    chat.remove_member(&caller, id, user).await?;
    Ok(StatusCode::NO_CONTENT)
}
