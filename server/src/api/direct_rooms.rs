//! Direct and group rooms.

use super::created;
use crate::{caller::SignedIn, input::Body, problem::Reply};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{command::OpenDirectRoom, permissions::Permission, port::prelude::*, room::Room};
use std::sync::Arc;

/// Open a direct or group room
///
/// Finds the room of the caller and these users, or creates it: kind `direct` for one other user or for the caller alone,
/// `group` for up to 20 users. Its members never change. The other members see a new room from its first message on;
/// whoever leaves it sees it again from its next message on. Guests open rooms only with users with whom they share one.
#[utoipa::path(post, path = "/rooms/direct", tag = "Rooms", extensions(("x-right" = json!(Permission::SendMessages))), request_body = OpenDirectRoom, responses(
    (status = 201, description = "The room is created.", body = Room),
    (status = 200, description = "The room existed.", body = Room),
    (status = 403, description = "forbidden: the caller or one of the users does not want it"),
    (status = 409, description = "too_many_rooms"),
))]
pub async fn open_direct_room(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<OpenDirectRoom>,
) -> Reply<(StatusCode, Json<Room>)> {
    Ok(created(chat.open_direct_room(&caller, command).await?))
}
