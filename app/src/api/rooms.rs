//! Rooms and the people in them.

#[cfg(feature = "ssr")]
use super::visit::{back_to, keep, signed_in};
use super::{Failure, Wire};
use crate::page_user::PageClient;
use leptos::server;
#[cfg(feature = "ssr")]
use protocol::{
    command::{self, RoomFilter},
    limits::PAGE_MAX,
    page::PageQuery,
    room::Visibility,
};
use protocol::{
    id::{ClientId, RoomId, UserId},
    page::Page,
    room::{Member, Room},
    sync::Snapshot,
};

/// What the person who is signed in sees.
#[server(prefix = "/do", endpoint = "snapshot", client = PageClient)]
pub async fn read_snapshot() -> Result<Wire<Snapshot>, Failure> {
    let (chat, caller) = signed_in()?;
    Ok(Wire(chat.snapshot(&caller).await?))
}

/// Public rooms that can be joined, a page at a time.
#[server(prefix = "/do", endpoint = "browse", client = PageClient)]
pub async fn browse(#[server(default)] cursor: Option<String>) -> Result<Wire<Page<Room>>, Failure> {
    let (chat, caller) = signed_in()?;
    Ok(Wire(chat.rooms(&caller, RoomFilter::Joinable, PageQuery { limit: 50, cursor }).await?))
}

/// Makes a room and opens it.
#[server(prefix = "/do", endpoint = "create-room", client = PageClient)]
pub async fn create_room(
    name: String,
    #[server(default)] topic: String,
    #[server(default)] private: bool,
    #[server(default)] key: Option<ClientId>,
) -> Result<(), Failure> {
    let (chat, caller) = signed_in()?;
    let typed = [("name", name.clone()), ("topic", topic.clone()), ("private", private.to_string())];
    let visibility = if private { Visibility::Private } else { Visibility::Public };
    let command = command::CreateRoom { name, visibility, topic, description: String::new() };
    let made = chat.create_room(&caller, command, key).await.map_err(Failure);
    let made =
        keep::<CreateRoom, _>(made, "/rooms/new", &typed.each_ref().map(|(name, value)| (*name, value.as_str())))?;
    leptos_axum::redirect(&format!("/rooms/{}", made.thing.id));
    Ok(())
}

/// Enters a public room and opens it.
#[server(prefix = "/do", endpoint = "join-room", client = PageClient)]
pub async fn join_room(room_id: RoomId) -> Result<(), Failure> {
    let (chat, caller) = signed_in()?;
    let page = format!("/rooms/{room_id}");
    keep::<JoinRoom, _>(chat.join(&caller, room_id).await.map_err(Failure), &page, &[])?;
    leptos_axum::redirect(&page);
    Ok(())
}

/// Leaves a room.
#[server(prefix = "/do", endpoint = "leave-room", client = PageClient)]
pub async fn leave_room(room_id: RoomId) -> Result<(), Failure> {
    let (chat, caller) = signed_in()?;
    let page = format!("/rooms/{room_id}/members");
    keep::<LeaveRoom, _>(chat.leave(&caller, room_id).await.map_err(Failure), &page, &[])?;
    leptos_axum::redirect("/rooms");
    Ok(())
}

/// The people in a room, by name.
#[server(prefix = "/do", endpoint = "members", client = PageClient)]
pub async fn members(
    room_id: RoomId,
    #[server(default)] cursor: Option<String>,
) -> Result<Wire<Page<Member>>, Failure> {
    let (chat, caller) = signed_in()?;
    Ok(Wire(chat.members(&caller, room_id, PageQuery { limit: PAGE_MAX, cursor }).await?))
}

/// Brings someone into a room by username.
#[server(prefix = "/do", endpoint = "add-member", client = PageClient)]
pub async fn add_member(room_id: RoomId, username: String) -> Result<(), Failure> {
    let (chat, caller) = signed_in()?;
    // As the page shows names.
    let name = username.trim().trim_start_matches('@');
    let added = match chat.user_named(&caller, name).await {
        Ok(user) => chat.add_member(&caller, room_id, command::AddMember { user_id: user.id }).await,
        Err(error) => Err(error),
    };
    let page = format!("/rooms/{room_id}/members");
    keep::<AddMember, _>(added.map_err(Failure), &page, &[("username", &username)])?;
    back_to(&page);
    Ok(())
}

/// Shows someone out of a room.
#[server(prefix = "/do", endpoint = "remove-member", client = PageClient)]
pub async fn remove_member(room_id: RoomId, user_id: UserId) -> Result<(), Failure> {
    let (chat, caller) = signed_in()?;
    let removed = chat.remove_member(&caller, room_id, user_id).await.map_err(Failure);
    keep::<RemoveMember, _>(removed, &format!("/rooms/{room_id}/members"), &[])
}
