//! Rooms.

use super::{created, page_size};
use crate::{
    caller::SignedIn,
    input::{Body, IdempotencyKey, PathParam, Query},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::{CreateRoom, RoomFilter},
    id::RoomId,
    limits::schema::{PageCursor, PageSize},
    page::{Page, PageQuery},
    permissions::Permission,
    port::prelude::*,
    room::Room,
};
use serde::Deserialize;
use std::sync::Arc;

/// Which rooms to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RoomsQuery {
    /// Which rooms: all that the caller may see, those they are a member of, or public ones they are not a member of.
    #[serde(default)]
    #[param(inline, required = false)]
    filter: Filter,
    /// Page size; 50 if omitted.
    #[param(inline, value_type = Option<PageSize>)]
    limit: Option<u32>,
    /// `next_cursor` of the previous page.
    #[param(inline, value_type = Option<PageCursor>)]
    cursor: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum Filter {
    #[default]
    Visible,
    Mine,
    Joinable,
}

impl From<Filter> for RoomFilter {
    fn from(filter: Filter) -> Self {
        match filter {
            Filter::Visible => Self::Visible,
            Filter::Mine => Self::Mine,
            Filter::Joinable => Self::Joinable,
        }
    }
}

/// List rooms
#[utoipa::path(get, path = "/rooms", tag = "Rooms", extensions(("x-right" = json!(Permission::Read))), params(RoomsQuery),
    responses((status = 200, description = "A page of rooms.", body = Page<Room>)))]
pub async fn list_rooms(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Query(query): Query<RoomsQuery>,
) -> Reply<Json<Page<Room>>> {
    let page = PageQuery { limit: page_size(query.limit)?, cursor: query.cursor };
    Ok(Json(chat.list_rooms(&caller, query.filter.into(), page).await?))
}

/// Create a room
///
/// The caller becomes its owner.
#[utoipa::path(post, path = "/rooms", tag = "Rooms", extensions(("x-right" = json!(Permission::CreateRooms))), params(super::IdempotencyKeyHeader), request_body = CreateRoom, responses(
    (status = 201, description = "The room is created.", body = Room),
    (status = 200, description = "A repeat: the room created before.", body = Room),
    (status = 409, description = "room_name_taken, too_many_rooms, idempotency_key_reused"),
))]
pub async fn create_room(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    key: Option<IdempotencyKey>,
    Body(command): Body<CreateRoom>,
) -> Reply<(StatusCode, Json<Room>)> {
    Ok(created(chat.create_room(&caller, command, key.map(|key| key.0)).await?))
}

/// Get a room
#[utoipa::path(get, path = "/rooms/{id}", tag = "Rooms", extensions(("x-right" = json!(Permission::Read))), params(("id" = RoomId, Path, description = "The room.")),
    responses((status = 200, description = "The room, with the caller's membership.", body = Room)))]
pub async fn get_room(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
) -> Reply<Json<Room>> {
    Ok(Json(chat.get_room(&caller, id).await?))
}

/// Join a room
#[utoipa::path(post, path = "/rooms/{id}/join", tag = "Rooms", extensions(("x-right" = json!(Permission::JoinRooms))),
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 200, description = "The room; the caller is a member now, or was already.", body = Room),
    (status = 409, description = "too_many_rooms"),
))]
pub async fn join_room(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
) -> Reply<Json<Room>> {
    Ok(Json(chat.join_room(&caller, id).await?))
}

/// Leave a room
#[utoipa::path(post, path = "/rooms/{id}/leave", tag = "Rooms", extensions(("x-right" = json!(Permission::EditOwn))),
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 204, description = "The caller has left the room."),
    (status = 409, description = "lobby_membership_fixed"),
))]
pub async fn leave_room(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
) -> Reply<StatusCode> {
    chat.leave_room(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
