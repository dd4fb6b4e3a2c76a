//! Read markers, and what is unread.

use crate::{
    caller::SignedIn,
    input::{Body, PathParam},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::{ClearUnread, MarkRead, RestoreUnread},
    event::ReadMarker,
    id::{MessageId, RoomId},
    permissions::Permission,
    port::prelude::*,
    unread::{ClearedUnread, Unread},
};
use std::sync::Arc;

/// Mark a room read
///
/// Up to and including a message; this never moves the read marker backwards.
#[utoipa::path(put, path = "/rooms/{id}/read", tag = "Unread", extensions(("x-right" = json!(Permission::EditOwn))), params(("id" = RoomId, Path, description = "The room.")),
    request_body = MarkRead, responses(
    (status = 200, description = "The caller's read marker.", body = ReadMarker),
    (status = 403, description = "not_a_member"),
))]
pub async fn mark_read(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
    Body(command): Body<MarkRead>,
) -> Reply<Json<ReadMarker>> {
    Ok(Json(chat.mark_read(&caller, id, command).await?))
}

/// Mark a message unread
///
/// And all messages after it, until the caller reads on or sends a message in the room. If the message is unread already,
/// nothing changes.
#[utoipa::path(post, path = "/messages/{id}/unread", tag = "Unread", extensions(("x-right" = json!(Permission::EditOwn))), params(("id" = MessageId, Path, description = "The message.")),
    responses(
    (status = 200, description = "The caller's read marker in the room.", body = ReadMarker),
))]
pub async fn mark_unread(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<MessageId>,
) -> Reply<Json<ReadMarker>> {
    Ok(Json(chat.mark_unread(&caller, id).await?))
}

/// List unread rooms
#[utoipa::path(get, path = "/unread", tag = "Unread", extensions(("x-right" = json!(Permission::Read))), responses(
    (status = 200, description = "The rooms with unread messages.", body = Unread),
))]
pub async fn list_unread(State(chat): State<Arc<Service>>, SignedIn(caller): SignedIn) -> Reply<Json<Unread>> {
    Ok(Json(chat.list_unread(&caller).await?))
}

/// Mark a room, or all rooms, read
///
/// The response can be sent to `POST /unread/restore`, which undoes it.
#[utoipa::path(post, path = "/unread/clear", tag = "Unread", extensions(("x-right" = json!(Permission::EditOwn))), request_body = ClearUnread,
    responses(
    (status = 200, description = "The first message of each room that was not read yet.", body = ClearedUnread),
    (status = 403, description = "not_a_member"),
    (status = 404, description = "not_found"),
))]
pub async fn clear_unread(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<ClearUnread>,
) -> Reply<Json<ClearedUnread>> {
    Ok(Json(chat.clear_unread(&caller, command).await?))
}

/// Undo marking rooms read
///
/// Marks messages unread, and all after each in its room. Messages that the caller can no longer see are skipped.
#[utoipa::path(post, path = "/unread/restore", tag = "Unread", extensions(("x-right" = json!(Permission::EditOwn))), request_body = RestoreUnread,
    responses(
    (status = 204, description = "The messages are unread."),
))]
pub async fn restore_unread(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<RestoreUnread>,
) -> Reply<StatusCode> {
    chat.restore_unread(&caller, command).await?;
    Ok(StatusCode::NO_CONTENT)
}
