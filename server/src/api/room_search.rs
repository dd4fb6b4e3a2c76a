//! Search for rooms.

use crate::{caller::SignedIn, input::Body, problem::Reply};
use axum::{Json, extract::State};
use domain::Service;
use protocol::{command::SearchRooms, page::Page, permissions::Permission, port::prelude::*, room::Room};
use std::sync::Arc;

/// Search rooms
///
/// Public rooms and those that the caller is a member of, by the words of name and topic, without regard to case and
/// accents; an empty query lists all. Guests find only their own. Archived, direct and group rooms are left out.
#[utoipa::path(post, path = "/rooms/search", tag = "Rooms", extensions(("x-right" = json!(Permission::Read))), request_body = SearchRooms, responses(
    (status = 200, description = "A page of rooms.", body = Page<Room>),
    (status = 400, description = "invalid_cursor"),
))]
pub async fn search_rooms(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<SearchRooms>,
) -> Reply<Json<Page<Room>>> {
    Ok(Json(chat.search_rooms(&caller, command).await?))
}
