//! Messages.

use super::{created, page_size};
use crate::{
    caller::SignedIn,
    input::{Body, PathParam, Query},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::{EditMessage, HistoryRange, SendMessage},
    error::{FieldError, Result},
    id::{MessageId, RoomId},
    limits::schema::{PageCursor, PageSize},
    message::History,
    message::Message,
    permissions::Permission,
    port::prelude::*,
};
use serde::Deserialize;
use std::sync::Arc;

/// Which part of a room's history: the newest messages, or those given by one of `before`, `after`, `around` and
/// `cursor`.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct HistoryQuery {
    /// Messages just before this one.
    before: Option<MessageId>,
    /// Messages just after this one.
    after: Option<MessageId>,
    /// Messages around this one.
    around: Option<MessageId>,
    /// `next_cursor` of the previous page: more messages in the same direction.
    #[param(inline, value_type = Option<PageCursor>)]
    cursor: Option<String>,
    /// Page size; 50 if omitted.
    #[param(inline, value_type = Option<PageSize>)]
    limit: Option<u32>,
}

impl HistoryQuery {
    fn range(&self) -> Result<HistoryRange> {
        let cursor = self.cursor.as_deref().map(str::parse).transpose()?;
        let ranges = [
            ("before", self.before.map(HistoryRange::Before)),
            ("after", self.after.map(HistoryRange::After)),
            ("around", self.around.map(HistoryRange::Around)),
            ("cursor", cursor),
        ];
        let mut given = ranges.into_iter().filter_map(|(name, range)| Some((name, range?)));
        match (given.next(), given.next()) {
            (None, _) => Ok(HistoryRange::Latest),
            (Some((_, range)), None) => Ok(range),
            (Some((one, _)), Some((other, _))) => {
                let message = format!("Use either {one} or {other}, not both.");
                Err(FieldError::new(other, "invalid", message).into())
            }
        }
    }
}

/// List messages in a room
///
/// In ascending `seq`. `older` and `newer` tell whether there are more messages on either side.
#[utoipa::path(get, path = "/rooms/{id}/messages", tag = "Messages", extensions(("x-right" = json!(Permission::Read))),
    params(("id" = RoomId, Path, description = "The room."), HistoryQuery), responses(
    (status = 200, description = "A page of messages.", body = History),
    (status = 403, description = "not_a_member"),
))]
pub async fn list_messages(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
    Query(query): Query<HistoryQuery>,
) -> Reply<Json<History>> {
    Ok(Json(chat.list_messages(&caller, id, query.range()?, page_size(query.limit)?).await?))
}

/// Send a message
///
/// Answered once the message is durably stored. A repeat with the same `client_id` never creates a second message; the
/// same `client_id` with another body or in another room is rejected.
#[utoipa::path(post, path = "/rooms/{id}/messages", tag = "Messages", extensions(("x-right" = json!(Permission::SendMessages))), request_body = SendMessage,
    params(("id" = RoomId, Path, description = "The room.")), responses(
    (status = 201, description = "The stored message.", body = Message),
    (status = 200, description = "A repeat: the message sent before.", body = Message),
    (status = 403, description = "forbidden, muted, not_a_member"),
    (status = 409, description = "client_id_reused, room_archived"),
    (status = 429, description = "slow_mode"),
))]
pub async fn send_message(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<RoomId>,
    Body(command): Body<SendMessage>,
) -> Reply<(StatusCode, Json<Message>)> {
    Ok(created(chat.send_message(&caller, id, command).await?))
}

/// Get a message
#[utoipa::path(get, path = "/messages/{id}", tag = "Messages", extensions(("x-right" = json!(Permission::Read))),
    params(("id" = MessageId, Path, description = "The message.")), responses(
    (status = 200, description = "The message.", body = Message),
))]
pub async fn get_message(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<MessageId>,
) -> Reply<Json<Message>> {
    Ok(Json(chat.get_message(&caller, id).await?))
}

/// Edit a message
#[utoipa::path(put, path = "/messages/{id}", tag = "Messages", extensions(("x-right" = json!(Permission::SendMessages))), request_body = EditMessage,
    params(("id" = MessageId, Path, description = "The message.")), responses(
    (status = 200, description = "The updated message.", body = Message),
    (status = 403, description = "forbidden, muted"),
    (status = 409, description = "message_deleted, room_archived"),
    (status = 422, description = "room_activity"),
))]
pub async fn edit_message(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<MessageId>,
    Body(command): Body<EditMessage>,
) -> Reply<Json<Message>> {
    Ok(Json(chat.edit_message(&caller, id, command).await?))
}

/// Delete a message
///
/// A room's owner and moderators may delete any message. A deleted message keeps its `seq`, but its text is removed.
#[utoipa::path(delete, path = "/messages/{id}", tag = "Messages", extensions(("x-right" = json!(Permission::SendMessages))),
    params(("id" = MessageId, Path, description = "The message.")), responses(
    (status = 200, description = "The deleted message, without its text.", body = Message),
    (status = 403, description = "forbidden"),
    (status = 409, description = "room_archived"),
    (status = 422, description = "room_activity"),
))]
pub async fn delete_message(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<MessageId>,
) -> Reply<Json<Message>> {
    Ok(Json(chat.delete_message(&caller, id).await?))
}
