//! What a person sees of one room: the browser's truth, tested on the server.

use crate::{
    event::{Change, Event},
    id::{MessageId, RoomId},
    message::Message,
};
use serde::{Deserialize, Serialize};

/// A page of a room's history.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct History {
    /// By ascending `seq`.
    pub items: Vec<Message>,
    /// What to pass as `cursor` for more in the same direction; null when there is none.
    pub next_cursor: Option<String>,
    /// Whether there are older messages than these.
    pub older: bool,
    /// Whether there are newer ones.
    pub newer: bool,
}

/// An unbroken run of one room's messages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoomState {
    /// Which room.
    pub room_id: RoomId,
    /// By ascending `seq`, without gaps.
    pub messages: Vec<Message>,
    /// Whether older ones can be loaded.
    pub older: bool,
    /// Whether newer ones exist that are not loaded; then new events do not extend the run.
    pub newer: bool,
}

impl RoomState {
    /// What a page of history shows.
    pub fn new(room_id: RoomId, page: History) -> Self {
        Self { room_id, messages: page.items, older: page.older, newer: page.newer }
    }

    /// Brings the run up to date. An event that it already reflects, or that is of another room, changes nothing.
    pub fn apply(&mut self, event: &Event) {
        match &event.change {
            Change::MessageCreated(message) if message.room_id == self.room_id => {
                if self.find(message.id).is_some() {
                    self.replace(message);
                } else if !self.newer && self.messages.last().is_none_or(|last| last.seq + 1 == message.seq) {
                    self.messages.push(message.clone());
                } else if self.messages.last().is_some_and(|last| last.seq < message.seq) {
                    self.newer = true;
                }
            }
            Change::MessageUpdated(message) | Change::MessageDeleted(message) => self.replace(message),
            Change::UserUpdated(user) => {
                let author = user.author();
                for message in self.messages.iter_mut().filter(|m| m.author.id == author.id) {
                    message.author.clone_from(&author);
                }
            }
            _ => {}
        }
    }

    /// Adds the page before the run.
    pub fn prepend(&mut self, page: History) {
        let first = self.messages.first().map_or(i64::MAX, |m| m.seq);
        let mut messages: Vec<_> = page.items.into_iter().filter(|m| m.seq < first).collect();
        messages.append(&mut self.messages);
        self.messages = messages;
        self.older = page.older;
    }

    /// Adds the page after the run.
    pub fn append(&mut self, page: History) {
        let last = self.messages.last().map_or(0, |m| m.seq);
        self.messages.extend(page.items.into_iter().filter(|m| m.seq > last));
        self.newer = page.newer;
    }

    /// One of the messages.
    pub fn find(&self, id: MessageId) -> Option<&Message> {
        // The newest are asked for most.
        self.messages.iter().rev().find(|m| m.id == id)
    }

    fn replace(&mut self, message: &Message) {
        let place = self.messages.iter_mut().rev().find(|m| m.id == message.id);
        if let Some(place) = place.filter(|place| place.version <= message.version) {
            place.clone_from(message);
        }
    }
}

crate::from_json! {
    History { items, next_cursor, older, newer }
}
