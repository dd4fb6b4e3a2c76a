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
    command::{CreateRoom, RoomFilter, UpdateRoom},
    id::RoomId,
    limits::schema::{PageCursor, PageSize},
    page::{Page, PageQuery},
    permissions::{Permission, RoomPermissionOverrides},
    port::prelude::*,
    room::{Room, RoomPermissionTable},
};
use serde::Deserialize;
use std::sync::Arc;

/// Which rooms to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RoomsQuery {
    /// Which rooms: all that the caller may see, but direct and group rooms; those they are a member of, but hidden ones;
    /// public ones they are not a member of; or archived ones that they may see. `visible` and `joinable` leave archived
    /// rooms out.
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
    Archived,
}

impl From<Filter> for RoomFilter {
    fn from(filter: Filter) -> Self {
        match filter {
            Filter::Visible => Self::Visible,
            Filter::Mine => Self::Mine,
            Filter::Joinable => Self::Joinable,
            Filter::Archived => Self::Archived,
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

/// Change a room
///
/// Changes what the body names; returns the room unchanged if it is like that already. Requires the permission to edit
/// the room; only owners change the visibility.
#[utoipa::path(put, path = "/rooms/{id}", tag = "Rooms", extensions(("x-right" = json!(Permission::ManageRooms))), request_body = UpdateRoom,
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 200, description = "The room.", body = Room),
    (status = 403, description = "forbidden, not_a_member"),
    (status = 409, description = "room_name_taken, room_archived, lobby_membership_fixed"),
))]
pub async fn update_room(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
    Body(command): Body<UpdateRoom>,
) -> Reply<Json<Room>> {
    Ok(Json(chat.update_room(&caller, id, command).await?))
}

/// Delete a room
///
/// For good, with its messages. For its owners, and administrators who see it.
#[utoipa::path(delete, path = "/rooms/{id}", tag = "Rooms", extensions(("x-right" = json!(Permission::ManageRooms))),
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 204, description = "The room is deleted."),
    (status = 403, description = "forbidden"),
    (status = 409, description = "lobby_membership_fixed"),
))]
pub async fn delete_room(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
) -> Reply<StatusCode> {
    chat.delete_room(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Archive a room
///
/// It can be read and left, but nothing can be sent or changed in it, nobody joins, and lists leave it out. For its owners,
/// and administrators who see it.
#[utoipa::path(post, path = "/rooms/{id}/archive", tag = "Rooms", extensions(("x-right" = json!(Permission::ManageRooms))),
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 200, description = "The room, archived now or before.", body = Room),
    (status = 403, description = "forbidden"),
    (status = 409, description = "lobby_membership_fixed"),
))]
pub async fn archive_room(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
) -> Reply<Json<Room>> {
    Ok(Json(chat.archive_room(&caller, id).await?))
}

/// Restore an archived room
///
/// For its owners, and administrators who see it.
#[utoipa::path(post, path = "/rooms/{id}/restore", tag = "Rooms", extensions(("x-right" = json!(Permission::ManageRooms))),
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 200, description = "The room, which is not archived.", body = Room),
    (status = 403, description = "forbidden"),
    (status = 409, description = "lobby_membership_fixed"),
))]
pub async fn restore_room(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
) -> Reply<Json<Room>> {
    Ok(Json(chat.restore_room(&caller, id).await?))
}

/// Get the permissions of a room
///
/// For its members: who may do what.
#[utoipa::path(get, path = "/rooms/{id}/permissions", tag = "Rooms", extensions(("x-right" = json!(Permission::Read))),
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 200, description = "The least room role for each permission.", body = RoomPermissionTable),
    (status = 403, description = "not_a_member"),
))]
pub async fn get_room_permissions(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
) -> Reply<Json<RoomPermissionTable>> {
    Ok(Json(chat.get_room_permissions(&caller, id).await?))
}

/// Set the permissions of a room
///
/// For its owners. The body is all that differs from the defaults: what it omits has its default again.
#[utoipa::path(put, path = "/rooms/{id}/permissions", tag = "Rooms", extensions(("x-right" = json!(Permission::ManageRooms))), request_body = RoomPermissionOverrides,
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 200, description = "The least room role for each permission.", body = RoomPermissionTable),
    (status = 403, description = "forbidden, not_a_member"),
    (status = 409, description = "room_archived"),
))]
pub async fn set_room_permissions(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
    Body(overrides): Body<RoomPermissionOverrides>,
) -> Reply<Json<RoomPermissionTable>> {
    Ok(Json(chat.set_room_permissions(&caller, id, overrides).await?))
}

/// Join a room
#[utoipa::path(post, path = "/rooms/{id}/join", tag = "Rooms", extensions(("x-right" = json!(Permission::JoinRooms))),
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 200, description = "The room; the caller is a member now, or was already.", body = Room),
    (status = 403, description = "banned"),
    (status = 409, description = "too_many_rooms, room_full, room_archived"),
))]
pub async fn join_room(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
) -> Reply<Json<Room>> {
    Ok(Json(chat.join_room(&caller, id).await?))
}

/// Leave a room
///
/// The last owner hands the room over first, if another member can own it. A room in which no member can is archived.
/// A direct or group room keeps its members: it is hidden from the caller until its next message.
#[utoipa::path(post, path = "/rooms/{id}/leave", tag = "Rooms", extensions(("x-right" = json!(Permission::EditOwn))),
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 204, description = "The caller has left the room."),
    (status = 409, description = "lobby_membership_fixed, last_owner"),
))]
pub async fn leave_room(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
) -> Reply<StatusCode> {
    chat.leave_room(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
