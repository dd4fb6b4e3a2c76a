//! The outbox: sent messages that are not in their room's history yet. It survives a reload. The server recognises a
//! duplicate by its client id, so sending a message more than once does no harm.

use crate::{api::Wire, browser, client_id};
use leptos::prelude::*;
use protocol::{
    id::{ClientId, RoomId, UserId},
    time::Time,
};
use serde::{Deserialize, Serialize};

/// A sent message that is not in its room's history yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OutboxMessage {
    /// Identifies duplicates of the message.
    pub client_id: ClientId,
    /// The room.
    pub room_id: RoomId,
    /// Markdown source.
    pub body: String,
    /// When it was written.
    pub at: Time,
    /// Its send state.
    #[serde(skip)]
    pub state: SendState,
    /// How often the server failed to store it.
    #[serde(skip)]
    failures: u32,
}

/// The send state of an outbox message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum SendState {
    /// Waiting for the connection.
    #[default]
    Waiting,
    /// Sent, not acknowledged yet.
    InFlight,
    /// Stored by the server; its event has not arrived yet.
    Acked,
    /// Rejected by the server, with the reason.
    Rejected(String),
}

/// One user's messages that are not in their room's history yet.
#[derive(Clone, Copy)]
pub struct Outbox {
    user: StoredValue<Option<UserId>>,
    items: RwSignal<Vec<OutboxMessage>>,
}

impl Outbox {
    /// Empty until [`Self::load`], so that hydration matches the HTML that the server rendered.
    pub(super) fn new() -> Self {
        Self { user: StoredValue::new(None), items: RwSignal::new(Vec::new()) }
    }

    /// Sets the user whose outbox this is.
    pub(super) fn set_user(self, user: UserId) {
        self.user.set_value(Some(user));
    }

    /// The outbox messages of a room, in order.
    pub fn in_room(self, room: RoomId) -> Vec<OutboxMessage> {
        self.items.with(|items| items.iter().filter(|item| item.room_id == room).cloned().collect())
    }

    /// Removes a message that is not to be sent after all.
    pub fn discard(self, id: &ClientId) {
        self.confirm(id);
    }

    /// Loads the messages that an earlier page left unsent.
    pub(super) fn load(self) {
        let mut items = self.load_saved();
        items.sort_by_key(|item| item.at.0);
        self.items.set(items);
    }

    /// Adds a new message.
    pub(super) fn add(self, room_id: RoomId, body: String) {
        let client_id = client_id::generate();
        let item =
            OutboxMessage { client_id, room_id, body, at: browser::now(), state: SendState::Waiting, failures: 0 };
        self.save(&item);
        self.items.update(|items| items.push(item));
    }

    /// The first of the messages that wait to be sent.
    pub(super) fn first_waiting(self) -> Option<OutboxMessage> {
        let first = |items: &Vec<OutboxMessage>| items.iter().find(|item| item.state == SendState::Waiting).cloned();
        self.items.try_with_untracked(first).flatten()
    }

    /// Sets the send state of a message.
    pub(super) fn set_state(self, id: &ClientId, state: SendState) {
        self.items.update(|items| {
            if let Some(item) = items.iter_mut().find(|item| item.client_id == *id) {
                item.state = state;
            }
        });
    }

    /// Counts an attempt to send a message that failed because of the server; returns how many there were.
    pub(super) fn count_failure(self, id: &ClientId) -> u32 {
        let failures = self.items.try_update_untracked(|items| {
            let item = items.iter_mut().find(|item| item.client_id == *id)?;
            item.failures += 1;
            Some(item.failures)
        });
        failures.flatten().unwrap_or_default()
    }

    /// The server has stored the message: never send it again, and show it until its event arrives.
    pub(super) fn acked(self, id: &ClientId) {
        self.delete(id);
        self.set_state(id, SendState::Acked);
    }

    /// The message is in its room's history.
    pub(super) fn confirm(self, id: &ClientId) {
        self.delete(id);
        if self.items.try_with_untracked(|items| items.iter().any(|item| item.client_id == *id)).unwrap_or_default() {
            self.items.update(|items| items.retain(|item| item.client_id != *id));
        }
    }

    /// Removes acknowledged messages; the rooms are about to be fetched again, with everything that is stored.
    pub(super) fn remove_acked(self) {
        self.items.update(|items| items.retain(|item| item.state != SendState::Acked));
    }

    /// The connection is lost: messages in flight may not have arrived, so they wait again.
    pub(super) fn requeue_in_flight(self) {
        let any_in_flight =
            self.items.try_with_untracked(|items| items.iter().any(|item| item.state == SendState::InFlight));
        if any_in_flight.unwrap_or_default() {
            self.items.update(|items| {
                items
                    .iter_mut()
                    .filter(|item| item.state == SendState::InFlight)
                    .for_each(|item| item.state = SendState::Waiting);
            });
        }
    }

    // One entry per message, so that two tabs never overwrite each other's messages.
    fn key(self, id: &ClientId) -> String {
        format!("{}{id}", self.prefix())
    }

    fn prefix(self) -> String {
        let user = self.user.try_get_value().flatten();
        format!("lair.outbox.{}.", user.map(|user| user.to_string()).unwrap_or_default())
    }

    fn save(self, item: &OutboxMessage) {
        if let (Some(storage), Ok(text)) = (browser::local_storage(), serde_json::to_string(item)) {
            // If the storage is full, the message only does not survive a reload.
            let _ = storage.set_item(&self.key(&item.client_id), &text);
        }
    }

    fn delete(self, id: &ClientId) {
        if let Some(storage) = browser::local_storage() {
            let _ = storage.remove_item(&self.key(id));
        }
    }

    fn load_saved(self) -> Vec<OutboxMessage> {
        let Some(storage) = browser::local_storage() else { return Vec::new() };
        let read = |key: String| {
            storage.get_item(&key).ok()?.and_then(|text| serde_json::from_str(&text).ok().map(|Wire(item)| item))
        };
        browser::stored_keys(&self.prefix()).into_iter().filter_map(read).collect()
    }
}
