//! Server functions for the members of rooms.

use crate::api::Failure;
use crate::api::request::{redirect_back_on_error, require_caller};
use leptos::server;
use protocol::id::{RoomId, UserId};
use protocol::{
    command,
    error::{Code, Error, FieldError},
    port::Chat,
    room::AddedMembers,
    session::Caller,
};

/// Adds a user to a room by username. If the user must accept an invitation first, the next page reports it.
#[server(prefix = "/do", endpoint = "add-member")]
pub async fn add_member(room_id: RoomId, username: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = format!("/rooms/{room_id}/members");
    let outcome = add_by_username(&*chat, &caller, room_id, &username).await.map_err(about_username);
    let outcome = redirect_back_on_error::<AddMember, _>(outcome, &page, &[("username", &username)])?;
    let query = if outcome.invited.is_empty() { "" } else { "?invited=1" };
    leptos_axum::redirect(&format!("{page}{query}"));
    Ok(())
}

/// Every reason is about who was named.
fn about_username(mut error: Error) -> Failure {
    if error.errors.is_empty() {
        error.errors.push(FieldError::new("username", "invalid", error.to_string()));
    }
    Failure(error)
}

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
#[server(prefix = "/do", endpoint = "remove-member")]
pub async fn remove_member(room_id: RoomId, user_id: UserId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let removed = chat.remove_member(&caller, room_id, user_id).await.map_err(Failure);
    let page = format!("/rooms/{room_id}/members");
    redirect_back_on_error::<RemoveMember, _>(removed, &page, &[])?;
    leptos_axum::redirect(&format!("{page}?removed={user_id}"));
    Ok(())
}

/// Undoes that a member was removed, or that the caller left.
#[server(prefix = "/do", endpoint = "restore-member")]
pub async fn restore_member(room_id: RoomId, user_id: UserId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let left = user_id == caller.user_id;
    let (page, field, id) = if left {
        ("/rooms".to_owned(), "left", room_id.to_string())
    } else {
        (format!("/rooms/{room_id}/members"), "removed", user_id.to_string())
    };
    let restored = chat.restore_member(&caller, room_id, user_id).await.map_err(|error| match error.code {
        Code::NotFound => Failure(Error::new(Code::NotFound, "It's too late to undo this.")),
        _ => Failure(error),
    });
    redirect_back_on_error::<RestoreMember, _>(restored, &page, &[(field, &id)])?;
    leptos_axum::redirect(&if left { format!("/rooms/{room_id}") } else { page });
    Ok(())
}
