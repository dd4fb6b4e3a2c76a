//! The rooms that new users join besides the Lobby.

use crate::{caller::SignedIn, input::Body, problem::Reply};
use axum::{Json, extract::State};
use domain::Service;
use protocol::{command::SetDefaultRooms, page::Page, permissions::Permission, port::prelude::*, room::Room};
use std::sync::Arc;

/// List the default rooms
///
/// The public rooms that new users join at registration besides the Lobby, in order; at most 20. Guests join none.
/// Archived rooms are left out.
#[utoipa::path(get, path = "/admin/default-rooms", tag = "Admin", extensions(("x-right" = json!(Permission::ManageServer))), responses(
    (status = 200, description = "All default rooms.", body = Page<Room>),
    (status = 403, description = "forbidden"),
))]
pub async fn list_default_rooms(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
) -> Reply<Json<Page<Room>>> {
    Ok(Json(Page { items: chat.list_default_rooms(&caller).await?, next_cursor: None }))
}

/// Set the default rooms
///
/// Replaces the whole list. Existing users are not added to any room.
#[utoipa::path(put, path = "/admin/default-rooms", tag = "Admin", extensions(("x-right" = json!(Permission::ManageServer))), request_body = SetDefaultRooms, responses(
    (status = 200, description = "All default rooms.", body = Page<Room>),
    (status = 403, description = "forbidden"),
))]
pub async fn set_default_rooms(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<SetDefaultRooms>,
) -> Reply<Json<Page<Room>>> {
    Ok(Json(Page { items: chat.set_default_rooms(&caller, command).await?, next_cursor: None }))
}
