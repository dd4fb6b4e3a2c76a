//! Texts that were typed but not sent or saved yet, in local storage: of new messages, per user and room, and of messages
//! that are being edited.

use crate::browser;
use protocol::{
    id::{MessageId, RoomId, UserId},
    message::Message,
};

const NEW: &str = "lair.draft.";
const EDITS: &str = "lair.edit.";

/// Loads the draft of a room.
pub fn load(user: UserId, room: RoomId) -> Option<String> {
    browser::local_storage()?.get_item(&new_key(user, room)).ok().flatten()
}

/// Saves a draft; deletes it if it is empty.
pub fn save(user: UserId, room: RoomId, text: &str) {
    store(&new_key(user, room), Some(text).filter(|text| !text.is_empty()));
}

/// Loads the unsaved text of a message that was being edited.
pub fn load_edit(user: UserId, message: &Message) -> Option<String> {
    let key = edit_key(user, message.room_id, message.id);
    browser::local_storage()?.get_item(&key).ok().flatten().filter(|text| *text != message.body)
}

/// Saves the text of a message that is being edited; deletes it if it is the message's own.
pub fn save_edit(user: UserId, message: &Message, text: &str) {
    store(&edit_key(user, message.room_id, message.id), Some(text).filter(|text| *text != message.body));
}

/// Deletes the unsaved text of a message.
pub fn discard_edit(user: UserId, room: RoomId, message: MessageId) {
    store(&edit_key(user, room, message), None);
}

/// The messages of a room with an unsaved text.
pub fn edited(user: UserId, room: RoomId) -> Vec<MessageId> {
    let prefix = format!("{EDITS}{user}.{room}.");
    browser::stored_keys(&prefix).iter().filter_map(|key| key[prefix.len()..].parse().ok()).collect()
}

/// Deletes all drafts of a user who signs out. Those of a session that ends by itself stay.
pub fn clear(user: &str) {
    for kind in [NEW, EDITS] {
        for key in browser::stored_keys(&format!("{kind}{user}.")) {
            store(&key, None);
        }
    }
}

/// The key of a room's draft in local storage.
pub fn new_key(user: UserId, room: RoomId) -> String {
    format!("{NEW}{user}.{room}")
}

fn edit_key(user: UserId, room: RoomId, message: MessageId) -> String {
    format!("{EDITS}{user}.{room}.{message}")
}

fn store(key: &str, text: Option<&str>) {
    let Some(storage) = browser::local_storage() else { return };
    // If the storage is full, only the draft is lost.
    let _ = match text {
        Some(text) => storage.set_item(key, text),
        None => storage.remove_item(key),
    };
}
