//! Server functions for messages.

#[cfg(feature = "ssr")]
use crate::api::request::redirect_after;
#[cfg(feature = "ssr")]
use crate::api::request::redirect_back_on_error;
#[cfg(feature = "ssr")]
use crate::api::request::require_caller;
use crate::{
    api::{Failure, Wire},
    page_user::PageClient,
};
use leptos::server;
#[cfg(feature = "ssr")]
use protocol::command::HistoryRange;
#[cfg(feature = "ssr")]
use protocol::command::{self};
#[cfg(feature = "ssr")]
use protocol::error::Code;
#[cfg(feature = "ssr")]
use protocol::error::Error;
#[cfg(feature = "ssr")]
use protocol::limits::PAGE_DEFAULT;
use protocol::{
    id::{ClientId, MessageId, RoomId},
    message::Message,
    read::{DecodeError, FromJson},
    room::Room,
    room_state::History,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A position in a room's history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HistoryPosition {
    /// The newest messages.
    #[default]
    Latest,
    /// The messages just before this one.
    Before(MessageId),
    /// The messages just after this one.
    After(MessageId),
    /// The messages around this one.
    Around(MessageId),
}

impl FromJson for HistoryPosition {
    fn from_json(value: Value) -> Result<Self, DecodeError> {
        Self::deserialize(value).map_err(|_| DecodeError("a place"))
    }
}

/// A room as it is opened for a user.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenedRoom {
    /// The room, with the user's membership.
    pub room: Room,
    /// Its messages; `None` if the user is not a member.
    pub history: Option<History>,
}

protocol::from_json! {
    OpenedRoom { room, history }
}

#[cfg(feature = "ssr")]
const fn to_range(place: HistoryPosition) -> HistoryRange {
    match place {
        HistoryPosition::Latest => HistoryRange::Latest,
        HistoryPosition::Before(id) => HistoryRange::Before(id),
        HistoryPosition::After(id) => HistoryRange::After(id),
        HistoryPosition::Around(id) => HistoryRange::Around(id),
    }
}

/// Opens a room at a position in its history.
#[server(prefix = "/do", endpoint = "open-room", client = PageClient, input = leptos::server_fn::codec::Json)]
pub async fn open_room(room_id: RoomId, place: HistoryPosition) -> Result<Wire<OpenedRoom>, Failure> {
    let (chat, caller) = require_caller()?;
    let room = chat.room(&caller, room_id).await?;
    let history = match room.membership {
        Some(_) => Some(chat.history(&caller, room_id, to_range(place), PAGE_DEFAULT).await?),
        None => None,
    };
    Ok(Wire(OpenedRoom { room, history }))
}

/// Reads one page of a room's history.
#[server(prefix = "/do", endpoint = "history", client = PageClient, input = leptos::server_fn::codec::Json)]
pub async fn read_history(room_id: RoomId, place: HistoryPosition) -> Result<Wire<History>, Failure> {
    let (chat, caller) = require_caller()?;
    Ok(Wire(chat.history(&caller, room_id, to_range(place), PAGE_DEFAULT).await?))
}

/// Reads one message.
#[server(prefix = "/do", endpoint = "message", client = PageClient)]
pub async fn read_message(message_id: MessageId) -> Result<Wire<Message>, Failure> {
    let (chat, caller) = require_caller()?;
    Ok(Wire(chat.message(&caller, message_id).await?))
}

/// Sends a message.
#[server(prefix = "/do", endpoint = "send-message", client = PageClient)]
pub async fn send_message(room_id: RoomId, client_id: ClientId, body: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = format!("/rooms/{room_id}");
    let sent = chat.send(&caller, room_id, command::SendMessage { body, client_id }).await;
    let sent = sent.map_err(|error| Failure(if error.code == Code::ClientIdReused { form_reused() } else { error }));
    redirect_back_on_error::<SendMessage, _>(sent, &page, &[])?;
    redirect_after(&page);
    Ok(())
}

/// A form of an old page was submitted again with a different text.
#[cfg(feature = "ssr")]
fn form_reused() -> Error {
    let detail = "That page had sent a message already, so your text was not sent. Go back, copy it, and send it here.";
    Error::new(Code::ClientIdReused, detail)
}

/// Edits a message.
#[server(prefix = "/do", endpoint = "edit-message", client = PageClient)]
pub async fn edit_message(room_id: RoomId, message_id: MessageId, body: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = format!("/rooms/{room_id}/messages/{message_id}/edit");
    let edited = chat.edit(&caller, message_id, command::EditMessage { body }).await.map_err(Failure);
    redirect_back_on_error::<EditMessage, _>(edited, &page, &[])?;
    redirect_after(&format!("/rooms/{room_id}#m-{message_id}"));
    Ok(())
}

/// Deletes a message.
#[server(prefix = "/do", endpoint = "delete-message", client = PageClient)]
pub async fn delete_message(room_id: RoomId, message_id: MessageId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = format!("/rooms/{room_id}/messages/{message_id}/delete");
    redirect_back_on_error::<DeleteMessage, _>(chat.delete(&caller, message_id).await.map_err(Failure), &page, &[])?;
    redirect_after(&format!("/rooms/{room_id}#m-{message_id}"));
    Ok(())
}

/// Moves the read marker of a room to a message.
#[server(prefix = "/do", endpoint = "mark-read", client = PageClient)]
pub async fn mark_read(room_id: RoomId, message_id: MessageId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = format!("/rooms/{room_id}");
    let marked = chat.mark_read(&caller, room_id, command::MarkRead { message_id }).await.map_err(Failure);
    redirect_back_on_error::<MarkRead, _>(marked, &page, &[])?;
    redirect_after(&page);
    Ok(())
}
