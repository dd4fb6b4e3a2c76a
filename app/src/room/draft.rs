//! Drafts, stored per user and room.

use crate::browser;
use protocol::id::{RoomId, UserId};

fn key(user: UserId, room: RoomId) -> String {
    format!("lair.draft.{user}.{room}")
}

/// Loads the draft of a room.
pub fn load(user: UserId, room: RoomId) -> Option<String> {
    browser::local_storage()?.get_item(&key(user, room)).ok().flatten()
}

/// Saves a draft; deletes it if it is empty.
pub fn save(user: UserId, room: RoomId, text: &str) {
    let Some(storage) = browser::local_storage() else { return };
    // If the storage is full, only the draft is lost.
    let _ =
        if text.is_empty() { storage.remove_item(&key(user, room)) } else { storage.set_item(&key(user, room), text) };
}
