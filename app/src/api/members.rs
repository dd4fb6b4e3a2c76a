//! Server functions for the members of rooms.

#[cfg(feature = "ssr")]
use crate::api::request::{redirect_back_on_error, require_caller};
use crate::{
    api::{Failure, Wire},
    page_user::PageClient,
};
use leptos::server;
#[cfg(feature = "ssr")]
use protocol::{
    command, error::Error, limits::PAGE_MAX, page::PageQuery, port::Chat, room::AddedMembers, session::Caller,
};
use protocol::{
    id::{RoomId, UserId},
    page::Page,
    room::Member,
};

/// The members of a room, sorted by name.
#[server(prefix = "/do/read", endpoint = "list-members", client = PageClient)]
pub async fn list_members(
    room_id: RoomId,
    #[server(default)] cursor: Option<String>,
) -> Result<Wire<Page<Member>>, Failure> {
    let (chat, caller) = require_caller()?;
    Ok(Wire(chat.list_members(&caller, room_id, PageQuery { limit: PAGE_MAX, cursor }).await?))
}

/// Adds a user to a room by username. If the user must accept an invitation first, the next page reports it.
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
    let user = chat.find_user(caller, username.trim().trim_start_matches('@')).await?;
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
