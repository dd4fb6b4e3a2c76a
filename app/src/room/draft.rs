//! What was begun and not sent, kept per person and room.

use crate::browser;
use protocol::id::{RoomId, UserId};

fn key(user: UserId, room: RoomId) -> String {
    format!("lair.draft.{user}.{room}")
}

/// What was begun.
pub fn load(user: UserId, room: RoomId) -> Option<String> {
    browser::local_storage()?.get_item(&key(user, room)).ok().flatten()
}

/// Keeps what is begun; forgets it once it is empty.
pub fn save(user: UserId, room: RoomId, text: &str) {
    let Some(storage) = browser::local_storage() else { return };
    // A full storage costs only the draft.
    let _ =
        if text.is_empty() { storage.remove_item(&key(user, room)) } else { storage.set_item(&key(user, room), text) };
}
