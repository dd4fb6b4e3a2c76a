//! What a user sets for their own view of a room.

use crate::{
    caller::SignedIn,
    input::{Body, PathParam},
    problem::Reply,
};
use axum::{extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::{SetRoomNotifications, SetRoomOrder},
    id::RoomId,
    permissions::Permission,
    port::prelude::*,
};
use std::sync::Arc;

/// Make a room a favorite
///
/// Only the caller sees it, in `membership.favorite`.
#[utoipa::path(put, path = "/rooms/{id}/favorite", tag = "Rooms", extensions(("x-right" = json!(Permission::EditOwn))),
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 204, description = "The room is a favorite of the caller."),
    (status = 403, description = "not_a_member"),
))]
pub async fn add_favorite(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
) -> Reply<StatusCode> {
    chat.set_favorite(&caller, id, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a room no favorite any more
#[utoipa::path(delete, path = "/rooms/{id}/favorite", tag = "Rooms", extensions(("x-right" = json!(Permission::EditOwn))),
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 204, description = "The room is not a favorite of the caller."),
    (status = 403, description = "not_a_member"),
))]
pub async fn remove_favorite(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
) -> Reply<StatusCode> {
    chat.set_favorite(&caller, id, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set the notifications of a room
///
/// Which messages the caller is notified of, and until when the room is muted. Replaces both.
#[utoipa::path(put, path = "/rooms/{id}/notifications", tag = "Rooms", extensions(("x-right" = json!(Permission::EditOwn))),
    params(("id" = RoomId, Path, description = "The room.")), request_body = SetRoomNotifications, responses(
    (status = 204, description = "The notifications are set."),
    (status = 403, description = "not_a_member"),
))]
pub async fn set_room_notifications(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
    Body(command): Body<SetRoomNotifications>,
) -> Reply<StatusCode> {
    chat.set_room_notifications(&caller, id, command).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Set the order of the caller's rooms
///
/// Replaces the whole order. The listed rooms get a place in `membership.position`; the others have none and come after
/// them, by name.
#[utoipa::path(put, path = "/rooms/order", tag = "Rooms", extensions(("x-right" = json!(Permission::EditOwn))), request_body = SetRoomOrder, responses(
    (status = 204, description = "The order is set."),
))]
pub async fn set_room_order(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<SetRoomOrder>,
) -> Reply<StatusCode> {
    chat.set_room_order(&caller, command).await?;
    Ok(StatusCode::NO_CONTENT)
}
