//! Server functions for how a member sees a room.

use crate::api::{
    Failure,
    request::{redirect_after, redirect_back_on_error, require_caller},
};
use leptos::server;
use protocol::{command, id::RoomId, room::NotificationLevel, time::Time};

/// Makes a room a favorite, or no favorite any more.
#[server(prefix = "/do", endpoint = "set-favorite")]
pub async fn set_favorite(room_id: RoomId, favorite: bool) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = details_page(room_id);
    let set = chat.set_favorite(&caller, room_id, favorite).await.map_err(Failure);
    redirect_back_on_error::<SetFavorite, _>(set, &page, &[])?;
    redirect_after(&page);
    Ok(())
}

/// Sets which messages of a room the caller is notified of. `mute` is a number of seconds, `keep`, or empty.
#[server(prefix = "/do", endpoint = "set-room-notifications")]
pub async fn set_room_notifications(
    room_id: RoomId,
    level: NotificationLevel,
    #[server(default)] mute: String,
) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let page = details_page(room_id);
    let muted_until: Option<Time> = match mute.parse::<i64>() {
        Ok(seconds) => Some(chat.now().plus(seconds.saturating_mul(1_000))),
        Err(_) if mute == "keep" => {
            chat.get_room(&caller, room_id).await?.membership.and_then(|membership| membership.muted_until)
        }
        Err(_) => None,
    };
    let command = command::SetRoomNotifications { level, muted_until };
    let set = chat.set_room_notifications(&caller, room_id, command).await.map_err(Failure);
    redirect_back_on_error::<SetRoomNotifications, _>(set, &page, &[])?;
    redirect_after(&page);
    Ok(())
}

fn details_page(id: RoomId) -> String {
    format!("/rooms/{id}/details")
}
