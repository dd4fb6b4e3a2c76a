//! Server functions for rooms.

#[cfg(feature = "ssr")]
use crate::api::request::{redirect_after, redirect_back_on_error, require_caller};
use crate::{
    api::{Failure, HistoryPosition, Wire},
    page_user::PageClient,
};
#[cfg(feature = "ssr")]
use leptos::prelude::use_context;
use leptos::server;
#[cfg(feature = "ssr")]
use protocol::{
    command::{self, HistoryRange, RoomFilter},
    limits::PAGE_DEFAULT,
    page::PageQuery,
    room::Visibility,
    sync::Snapshot,
};
use protocol::{
    id::{ClientId, MessageId, RoomId},
    message::History,
    page::Page,
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

/// Public rooms that the caller can join, one page at a time.
#[server(prefix = "/do/read", endpoint = "list-joinable-rooms", client = PageClient)]
pub async fn list_joinable_rooms(#[server(default)] cursor: Option<String>) -> Result<Wire<Page<Room>>, Failure> {
    let (chat, caller) = require_caller()?;
    Ok(Wire(chat.list_rooms(&caller, RoomFilter::Joinable, PageQuery { limit: 50, cursor }).await?))
}

/// Creates a room and opens it.
#[server(prefix = "/do", endpoint = "create-room", client = PageClient)]
pub async fn create_room(
    name: String,
    #[server(default)] topic: String,
    #[server(default)] private: bool,
    #[server(default)] key: Option<ClientId>,
) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let typed = [("name", name.clone()), ("topic", topic.clone()), ("private", private.to_string())];
    let visibility = if private { Visibility::Private } else { Visibility::Public };
    let command = command::CreateRoom { name, visibility, topic, ..command::CreateRoom::default() };
    let created = chat.create_room(&caller, command, key).await.map_err(Failure);
    let created = redirect_back_on_error::<CreateRoom, _>(
        created,
        "/rooms/new",
        &typed.each_ref().map(|(name, value)| (*name, value.as_str())),
    )?;
    leptos_axum::redirect(&format!("/rooms/{}", created.value.id));
    Ok(())
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
    leptos_axum::redirect("/rooms");
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
pub async fn mark_unread(room_id: RoomId, message_id: MessageId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = format!("/rooms/{room_id}");
    let marked = chat.mark_unread(&caller, message_id).await.map_err(Failure);
    redirect_back_on_error::<MarkUnread, _>(marked, &page, &[])?;
    redirect_after(&page);
    Ok(())
}

/// Marks a room, or all rooms, read.
#[server(prefix = "/do", endpoint = "clear-unread", client = PageClient)]
pub async fn clear_unread(#[server(default)] room_id: Option<RoomId>) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let cleared = chat.clear_unread(&caller, command::ClearUnread { room_id }).await.map_err(Failure);
    redirect_back_on_error::<ClearUnread, _>(cleared, "/rooms/mine", &[])?;
    redirect_after("/rooms/mine");
    Ok(())
}
