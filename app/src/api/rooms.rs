//! Server functions for rooms and their members.

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
use protocol::command::RoomFilter;
#[cfg(feature = "ssr")]
use protocol::command::{self};
#[cfg(feature = "ssr")]
use protocol::error::Error;
#[cfg(feature = "ssr")]
use protocol::limits::PAGE_MAX;
#[cfg(feature = "ssr")]
use protocol::page::PageQuery;
#[cfg(feature = "ssr")]
use protocol::port::Chat;
#[cfg(feature = "ssr")]
use protocol::room::AddedMembers;
#[cfg(feature = "ssr")]
use protocol::room::Visibility;
#[cfg(feature = "ssr")]
use protocol::session::Caller;
use protocol::{
    id::{ClientId, RoomId, UserId},
    page::Page,
    room::{Member, Room},
    sync::Snapshot,
};

/// The snapshot of the signed-in user.
#[server(prefix = "/do", endpoint = "snapshot", client = PageClient)]
pub async fn read_snapshot() -> Result<Wire<Snapshot>, Failure> {
    let (chat, caller) = require_caller()?;
    Ok(Wire(chat.snapshot(&caller).await?))
}

/// Public rooms that the caller can join, one page at a time.
#[server(prefix = "/do", endpoint = "browse", client = PageClient)]
pub async fn browse(#[server(default)] cursor: Option<String>) -> Result<Wire<Page<Room>>, Failure> {
    let (chat, caller) = require_caller()?;
    Ok(Wire(chat.rooms(&caller, RoomFilter::Joinable, PageQuery { limit: 50, cursor }).await?))
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
    let command = command::CreateRoom { name, visibility, topic, description: String::new() };
    let made = chat.create_room(&caller, command, key).await.map_err(Failure);
    let made = redirect_back_on_error::<CreateRoom, _>(
        made,
        "/rooms/new",
        &typed.each_ref().map(|(name, value)| (*name, value.as_str())),
    )?;
    leptos_axum::redirect(&format!("/rooms/{}", made.value.id));
    Ok(())
}

/// Joins a public room and opens it.
#[server(prefix = "/do", endpoint = "join-room", client = PageClient)]
pub async fn join_room(room_id: RoomId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = format!("/rooms/{room_id}");
    redirect_back_on_error::<JoinRoom, _>(chat.join(&caller, room_id).await.map_err(Failure), &page, &[])?;
    leptos_axum::redirect(&page);
    Ok(())
}

/// Leaves a room.
#[server(prefix = "/do", endpoint = "leave-room", client = PageClient)]
pub async fn leave_room(room_id: RoomId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = format!("/rooms/{room_id}/members");
    redirect_back_on_error::<LeaveRoom, _>(chat.leave(&caller, room_id).await.map_err(Failure), &page, &[])?;
    leptos_axum::redirect("/rooms");
    Ok(())
}

/// The members of a room, sorted by name.
#[server(prefix = "/do", endpoint = "members", client = PageClient)]
pub async fn members(
    room_id: RoomId,
    #[server(default)] cursor: Option<String>,
) -> Result<Wire<Page<Member>>, Failure> {
    let (chat, caller) = require_caller()?;
    Ok(Wire(chat.members(&caller, room_id, PageQuery { limit: PAGE_MAX, cursor }).await?))
}

/// Adds a user to a room by username. If the user must accept an invitation first, the page that follows says so.
#[server(prefix = "/do", endpoint = "add-member", client = PageClient)]
pub async fn add_member(room_id: RoomId, username: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = format!("/rooms/{room_id}/members");
    let outcome = add_by_username(&*chat, &caller, room_id, &username).await.map_err(Failure);
    let outcome = redirect_back_on_error::<AddMember, _>(outcome, &page, &[("username", &username)])?;
    let query = if outcome.invited.is_empty() { "" } else { "?invited=1" };
    leptos_axum::redirect(&format!("{page}{query}"));
    Ok(())
}

#[cfg(feature = "ssr")]
async fn add_by_username(
    chat: &dyn Chat,
    caller: &Caller,
    room: RoomId,
    username: &str,
) -> Result<AddedMembers, Error> {
    // The page shows usernames with an `@`.
    let user = chat.user_named(caller, username.trim().trim_start_matches('@')).await?;
    let outcome = chat.add_members(caller, room, command::AddMembers { user_ids: vec![user.id] }).await?;
    outcome.refused.first().map_or(Ok(()), |refused| Err(refused.error()))?;
    Ok(outcome)
}

/// Removes a member from a room.
#[server(prefix = "/do", endpoint = "remove-member", client = PageClient)]
pub async fn remove_member(room_id: RoomId, user_id: UserId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let removed = chat.remove_member(&caller, room_id, user_id).await.map_err(Failure);
    redirect_back_on_error::<RemoveMember, _>(removed, &format!("/rooms/{room_id}/members"), &[])
}
