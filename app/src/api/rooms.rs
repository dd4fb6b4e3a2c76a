//! Server functions for rooms.

#[cfg(feature = "ssr")]
use crate::api::request::{local_path, redirect_after, redirect_back_on_error, redirect_to_next, require_caller};
use crate::{
    api::{Failure, HistoryPosition, Wire},
    page_user::PageClient,
};
#[cfg(feature = "ssr")]
use leptos::prelude::use_context;
use leptos::server;
#[cfg(feature = "ssr")]
use protocol::{
    command::{self, HistoryRange},
    limits::PAGE_DEFAULT,
    sync::Snapshot,
};
use protocol::{
    id::{MessageId, RoomId},
    message::History,
    room::Room,
};
use serde::{Deserialize, Serialize};
#[cfg(feature = "ssr")]
use std::sync::Arc;

/// A room as it is opened for a user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenedRoom {
    /// The room, with the user's membership.
    pub room: Room,
    /// Its messages; `None` if the user is not a member.
    pub history: Option<History>,
}

/// Opens a room at a position in its history. While a page is rendered, its snapshot has the rooms of the user.
#[server(prefix = "/do/read", endpoint = "open-room", client = PageClient, input = leptos::server_fn::codec::Json)]
pub async fn open_room(room_id: RoomId, position: HistoryPosition) -> Result<Wire<OpenedRoom>, Failure> {
    let (chat, caller) = require_caller()?;
    let listed = use_context::<Arc<Snapshot>>();
    let room = listed.and_then(|list| list.rooms.iter().find(|room| room.id == room_id).cloned());
    let room = match room {
        Some(room) => room,
        None => chat.get_room(&caller, room_id).await?,
    };
    let history = match &room.membership {
        Some(membership) => {
            // The first unread message may be further back than there are unread ones.
            let is_far_back = membership.unread > 0 && room.head - membership.read_seq > i64::from(PAGE_DEFAULT);
            let starts_unread = position == HistoryPosition::Unread && is_far_back;
            let range = if starts_unread { HistoryRange::AroundSeq(membership.read_seq + 1) } else { position.into() };
            Some(chat.list_messages(&caller, room_id, range, PAGE_DEFAULT).await?)
        }
        None => None,
    };
    Ok(Wire(OpenedRoom { room, history }))
}

/// Joins a public room and opens it.
#[server(prefix = "/do", endpoint = "join-room", client = PageClient)]
pub async fn join_room(room_id: RoomId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = format!("/rooms/{room_id}");
    redirect_back_on_error::<JoinRoom, _>(chat.join_room(&caller, room_id).await.map_err(Failure), &page, &[])?;
    leptos_axum::redirect(&page);
    Ok(())
}

/// Leaves a room.
#[server(prefix = "/do", endpoint = "leave-room", client = PageClient)]
pub async fn leave_room(room_id: RoomId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = format!("/rooms/{room_id}/members");
    redirect_back_on_error::<LeaveRoom, _>(chat.leave_room(&caller, room_id).await.map_err(Failure), &page, &[])?;
    leptos_axum::redirect(&format!("/rooms?left={room_id}"));
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

/// Marks a message of a room unread, and all after it.
#[server(prefix = "/do", endpoint = "mark-unread", client = PageClient)]
pub async fn mark_unread(
    room_id: RoomId,
    message_id: MessageId,
    #[server(default)] next: String,
) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = format!("/rooms/{room_id}");
    let marked = chat.mark_unread(&caller, message_id).await.map_err(Failure);
    redirect_back_on_error::<MarkUnread, _>(marked, &page, &[])?;
    redirect_to_next(&next);
    Ok(())
}

/// So many ids fit into an address; a user with more unread rooms cannot undo without JavaScript.
#[cfg(feature = "ssr")]
const MAX_UNDO: usize = 100;

/// Marks a room, or all rooms, read, and opens the page `back`, which offers to undo it.
#[server(prefix = "/do", endpoint = "clear-unread", client = PageClient)]
pub async fn clear_unread(
    #[server(default)] room_id: Option<RoomId>,
    #[server(default)] back: String,
) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = match room_id {
        Some(id) => format!("/rooms/{id}"),
        None if back.is_empty() => YOUR_ROOMS.to_owned(),
        None => local_path(Some(&back)).to_owned(),
    };
    let cleared = chat.clear_unread(&caller, command::ClearUnread { room_id }).await.map_err(Failure);
    let ids = redirect_back_on_error::<ClearUnread, _>(cleared, &page, &[])?.message_ids;
    let ids: Vec<_> = ids.iter().filter(|_| ids.len() <= MAX_UNDO).map(ToString::to_string).collect();
    leptos_axum::redirect(&format!("{page}?cleared={}", ids.join(",")));
    Ok(())
}

/// Undoes that rooms were marked read: marks these messages unread, whose ids are separated by commas.
#[server(prefix = "/do", endpoint = "restore-unread", client = PageClient)]
pub async fn restore_unread(message_ids: String, #[server(default)] back: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = if back.is_empty() { YOUR_ROOMS } else { local_path(Some(&back)) };
    let message_ids = message_ids.split(',').filter_map(|id| id.parse().ok()).collect();
    let restored = chat.restore_unread(&caller, command::RestoreUnread { message_ids }).await.map_err(Failure);
    redirect_back_on_error::<RestoreUnread, _>(restored, page, &[])?;
    redirect_after(page);
    Ok(())
}

/// The page of all rooms of the user.
#[cfg(feature = "ssr")]
const YOUR_ROOMS: &str = "/rooms/mine";
