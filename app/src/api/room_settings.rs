//! Server functions for changing rooms, and what their members may do in them.

use crate::api::{
    Failure,
    done::redirect_done,
    request::{redirect_back_on_error, require_caller},
};
use leptos::server;
use protocol::{
    command,
    error::{Error, FieldError},
    id::{ClientId, RoomId, UserId},
    permissions::{RoomPermissionOverrides, RoomPermissions},
    room::{RoomKind, RoomRole, Visibility},
    time::Time,
};
use std::collections::HashMap;

/// The path of one of a room's pages.
pub fn room_page(id: RoomId, page: &str) -> String {
    format!("/rooms/{id}/{page}")
}

/// The path of the page of one member.
pub fn member_page(id: RoomId, user: UserId) -> String {
    format!("/rooms/{id}/members/{user}")
}

/// A whole number as it was typed; `None` if the field is empty.
fn number(field: &'static str, typed: &str) -> Result<Option<i64>, Error> {
    match typed.trim() {
        "" => Ok(None),
        typed => {
            typed.parse().map(Some).map_err(|_| FieldError::new(field, "wrong_type", "Enter a whole number.").into())
        }
    }
}

/// Creates a room and opens it.
#[server(prefix = "/do", endpoint = "create-room")]
pub async fn create_room(
    name: String,
    #[server(default)] topic: String,
    #[server(default)] private: bool,
    #[server(default)] announcement: bool,
    #[server(default)] key: Option<ClientId>,
) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let typed = [
        ("name", name.clone()),
        ("topic", topic.clone()),
        ("private", private.to_string()),
        ("announcement", announcement.to_string()),
    ];
    let command = command::CreateRoom {
        name,
        topic,
        visibility: if private { Visibility::Private } else { Visibility::Public },
        kind: if announcement { RoomKind::Announcement } else { RoomKind::Channel },
        ..command::CreateRoom::default()
    };
    let created = chat.create_room(&caller, command, key).await.map_err(Failure);
    let typed = typed.each_ref().map(|(name, value)| (*name, value.as_str()));
    let created = redirect_back_on_error::<CreateRoom, _>(created, "/rooms/new", &typed)?;
    leptos_axum::redirect(&format!("/rooms/{}", created.value.id));
    Ok(())
}

/// Changes a room as its settings page shows it.
#[server(prefix = "/do", endpoint = "update-room")]
pub async fn update_room(room_id: RoomId, fields: HashMap<String, String>) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = room_page(room_id, "settings");
    let changed = match update_command(&fields) {
        Ok(command) => chat.update_room(&caller, room_id, command).await,
        Err(error) => Err(error),
    };
    let typed: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    redirect_back_on_error::<UpdateRoom, _>(changed.map_err(Failure), &page, &typed)?;
    redirect_done::<UpdateRoom>(&page);
    Ok(())
}

fn update_command(fields: &HashMap<String, String>) -> Result<command::UpdateRoom, Error> {
    let text = |name: &str| fields.get(name).cloned();
    let is_on = |name: &str| fields.get(name).is_some_and(|value| value == "on");
    let settings = command::UpdateRoomSettings {
        member_limit: Some(number("settings.member_limit", &text("member_limit").unwrap_or_default())?),
        slow_mode_seconds: number("settings.slow_mode_seconds", &text("slow_mode_seconds").unwrap_or_default())?,
        history_visible: Some(is_on("history_visible")),
        retention_days: Some(number("settings.retention_days", &text("retention_days").unwrap_or_default())?),
        uploads: None,
    };
    Ok(command::UpdateRoom {
        name: text("name"),
        topic: text("topic"),
        description: text("description"),
        emoji: text("emoji"),
        // Only owners are offered it.
        visibility: [Visibility::Public, Visibility::Private]
            .into_iter()
            .find(|visibility| text("visibility").is_some_and(|word| word == visibility.as_str())),
        settings,
    })
}

/// Makes a room read-only, and takes it out of the lists.
#[server(prefix = "/do", endpoint = "archive-room")]
pub async fn archive_room(room_id: RoomId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = room_page(room_id, "settings");
    redirect_back_on_error::<ArchiveRoom, _>(chat.archive_room(&caller, room_id).await.map_err(Failure), &page, &[])?;
    redirect_done::<ArchiveRoom>(&page);
    Ok(())
}

/// Undoes the archiving of a room.
#[server(prefix = "/do", endpoint = "restore-room")]
pub async fn restore_room(room_id: RoomId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = room_page(room_id, "settings");
    redirect_back_on_error::<RestoreRoom, _>(chat.restore_room(&caller, room_id).await.map_err(Failure), &page, &[])?;
    redirect_done::<RestoreRoom>(&page);
    Ok(())
}

/// Deletes a room for good.
#[server(prefix = "/do", endpoint = "delete-room")]
pub async fn delete_room(room_id: RoomId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = room_page(room_id, "settings");
    redirect_back_on_error::<DeleteRoom, _>(chat.delete_room(&caller, room_id).await.map_err(Failure), &page, &[])?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Sets who may do what in a room.
#[server(prefix = "/do", endpoint = "set-room-permissions")]
pub async fn set_room_permissions(room_id: RoomId, permissions: RoomPermissions) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = room_page(room_id, "permissions");
    let table = chat.get_room_permissions(&caller, room_id).await?;
    let overrides = permissions.differences(&table.defaults);
    let set = chat.set_room_permissions(&caller, room_id, overrides).await.map_err(Failure);
    redirect_back_on_error::<SetRoomPermissions, _>(set, &page, &[])?;
    redirect_done::<SetRoomPermissions>(&page);
    Ok(())
}

/// Restores the defaults of who may do what in a room.
#[server(prefix = "/do", endpoint = "reset-room-permissions")]
pub async fn reset_room_permissions(room_id: RoomId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = room_page(room_id, "permissions");
    let reset = chat.set_room_permissions(&caller, room_id, RoomPermissionOverrides::default()).await.map_err(Failure);
    redirect_back_on_error::<ResetRoomPermissions, _>(reset, &page, &[])?;
    redirect_done::<ResetRoomPermissions>(&page);
    Ok(())
}

/// Changes a member's role in a room.
#[server(prefix = "/do", endpoint = "set-room-role")]
pub async fn set_room_role(room_id: RoomId, user_id: UserId, role: RoomRole) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = member_page(room_id, user_id);
    let set = chat.set_room_role(&caller, room_id, user_id, command::SetRoomRole { role }).await.map_err(Failure);
    redirect_back_on_error::<SetRoomRole, _>(set, &page, &[])?;
    redirect_done::<SetRoomRole>(&page);
    Ok(())
}

/// Makes another member the owner of a room.
#[server(prefix = "/do", endpoint = "transfer-room")]
pub async fn transfer_room(room_id: RoomId, user_id: UserId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = member_page(room_id, user_id);
    let transferred = chat.transfer_room(&caller, room_id, command::TransferRoom { user_id }).await.map_err(Failure);
    redirect_back_on_error::<TransferRoom, _>(transferred, &page, &[])?;
    redirect_done::<TransferRoom>(&page);
    Ok(())
}

/// When a restriction of this many seconds ends; never by itself if the field is empty.
fn until(now: Time, lasts: &str) -> Result<Option<Time>, Error> {
    Ok(number("until", lasts)?.map(|seconds| now.plus(seconds.saturating_mul(1_000))))
}

/// Mutes a member of a room, for a number of seconds or until the mute is lifted.
#[server(prefix = "/do", endpoint = "mute-member")]
pub async fn mute_member(
    room_id: RoomId,
    user_id: UserId,
    #[server(default)] reason: String,
    #[server(default)] lasts: String,
) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = member_page(room_id, user_id);
    let muted = match until(chat.now(), &lasts) {
        Ok(until) => {
            let command = command::RestrictMember { reason: Some(reason.clone()), until };
            chat.mute_member(&caller, room_id, user_id, command).await
        }
        Err(error) => Err(error),
    };
    let typed = [("mute_reason", reason.as_str()), ("mute_lasts", lasts.as_str())];
    redirect_back_on_error::<MuteMember, _>(muted.map_err(Failure), &page, &typed)?;
    redirect_done::<MuteMember>(&page);
    Ok(())
}

/// Lifts the mute of a member.
#[server(prefix = "/do", endpoint = "unmute-member")]
pub async fn unmute_member(room_id: RoomId, user_id: UserId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = room_page(room_id, "moderation");
    let lifted = chat.unmute_member(&caller, room_id, user_id).await.map_err(Failure);
    redirect_back_on_error::<UnmuteMember, _>(lifted, &page, &[])?;
    redirect_done::<UnmuteMember>(&page);
    Ok(())
}

/// Bans a user from a room, for a number of seconds or until the ban is lifted.
#[server(prefix = "/do", endpoint = "ban-user")]
pub async fn ban_user(
    room_id: RoomId,
    user_id: UserId,
    #[server(default)] reason: String,
    #[server(default)] lasts: String,
) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let banned = match until(chat.now(), &lasts) {
        Ok(until) => {
            let command = command::RestrictMember { reason: Some(reason.clone()), until };
            chat.ban_user(&caller, room_id, user_id, command).await
        }
        Err(error) => Err(error),
    };
    let typed = [("ban_reason", reason.as_str()), ("ban_lasts", lasts.as_str())];
    redirect_back_on_error::<BanUser, _>(banned.map_err(Failure), &member_page(room_id, user_id), &typed)?;
    redirect_done::<BanUser>(&room_page(room_id, "moderation"));
    Ok(())
}

/// Lifts a ban.
#[server(prefix = "/do", endpoint = "unban-user")]
pub async fn unban_user(room_id: RoomId, user_id: UserId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = room_page(room_id, "moderation");
    redirect_back_on_error::<UnbanUser, _>(
        chat.unban_user(&caller, room_id, user_id).await.map_err(Failure),
        &page,
        &[],
    )?;
    redirect_done::<UnbanUser>(&page);
    Ok(())
}
