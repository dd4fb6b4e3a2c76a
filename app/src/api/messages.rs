//! Server functions for messages.

#[cfg(feature = "ssr")]
use crate::api::{
    refused_form::show_again_on_error,
    request::{redirect_after, redirect_back_on_error, redirect_to_next, require_caller},
};
use crate::{
    api::{Failure, Wire},
    page_user::PageClient,
};
use leptos::server;
#[cfg(feature = "ssr")]
use protocol::{
    command::{self, HistoryRange},
    error::{Code, Error},
    limits::PAGE_DEFAULT,
};
use protocol::{
    id::{ClientId, MessageId, RoomId},
    message::{History, Message},
};
use serde::{Deserialize, Serialize};

/// A position in a room's history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum HistoryPosition {
    /// Where a reader goes on: the newest messages, or, if more than a page is unread, those around the first unread one.
    #[default]
    Unread,
    /// The newest messages.
    Latest,
    /// The messages just before this one.
    Before(MessageId),
    /// The messages just after this one.
    After(MessageId),
    /// The messages around this one.
    Around(MessageId),
}

#[cfg(feature = "ssr")]
impl From<HistoryPosition> for HistoryRange {
    fn from(position: HistoryPosition) -> Self {
        match position {
            HistoryPosition::Unread | HistoryPosition::Latest => Self::Latest,
            HistoryPosition::Before(id) => Self::Before(id),
            HistoryPosition::After(id) => Self::After(id),
            HistoryPosition::Around(id) => Self::Around(id),
        }
    }
}

/// Reads one page of a room's history.
#[server(prefix = "/do/read", endpoint = "list-messages", client = PageClient, input = leptos::server_fn::codec::Json)]
pub async fn list_messages(room_id: RoomId, position: HistoryPosition) -> Result<Wire<History>, Failure> {
    let (chat, caller) = require_caller()?;
    Ok(Wire(chat.list_messages(&caller, room_id, position.into(), PAGE_DEFAULT).await?))
}

/// Reads one message.
#[server(prefix = "/do/read", endpoint = "get-message", client = PageClient)]
pub async fn get_message(message_id: MessageId) -> Result<Wire<Message>, Failure> {
    let (chat, caller) = require_caller()?;
    Ok(Wire(chat.get_message(&caller, message_id).await?))
}

/// Sends a message.
#[server(prefix = "/do", endpoint = "send-message", client = PageClient)]
pub async fn send_message(room_id: RoomId, client_id: ClientId, body: String) -> Result<(), Failure> {
    let page = format!("/rooms/{room_id}");
    let text = body.clone();
    let sent = match require_caller() {
        Ok((chat, caller)) => {
            let sent = chat.send_message(&caller, room_id, command::SendMessage { body, client_id }).await;
            sent.map_err(|error| Failure(if error.code == Code::ClientIdReused { form_reused() } else { error }))
        }
        Err(failure) => Err(failure),
    };
    show_again_on_error::<SendMessage, _>(sent, &page, text)?;
    redirect_after(&page);
    Ok(())
}

/// A form of an old page was submitted again with a different text.
#[cfg(feature = "ssr")]
fn form_reused() -> Error {
    let detail = "That page already sent a message, so your text wasn't sent. Send it again here.";
    Error::new(Code::ClientIdReused, detail)
}

/// Edits a message.
#[server(prefix = "/do", endpoint = "edit-message", client = PageClient)]
pub async fn edit_message(
    room_id: RoomId,
    message_id: MessageId,
    body: String,
    #[server(default)] next: String,
) -> Result<(), Failure> {
    let page = format!("/rooms/{room_id}/messages/{message_id}/edit");
    let text = body.clone();
    let edited = match require_caller() {
        Ok((chat, caller)) => {
            chat.edit_message(&caller, message_id, command::EditMessage { body }).await.map_err(Failure)
        }
        Err(failure) => Err(failure),
    };
    show_again_on_error::<EditMessage, _>(edited, &page, text)?;
    redirect_to_next(&next);
    Ok(())
}

/// Deletes a message.
#[server(prefix = "/do", endpoint = "delete-message", client = PageClient)]
pub async fn delete_message(
    room_id: RoomId,
    message_id: MessageId,
    #[server(default)] next: String,
) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = format!("/rooms/{room_id}/messages/{message_id}/delete");
    redirect_back_on_error::<DeleteMessage, _>(
        chat.delete_message(&caller, message_id).await.map_err(Failure),
        &page,
        &[],
    )?;
    redirect_to_next(&next);
    Ok(())
}
