//! The state of one room in the browser, updated by events; tested on the server.

use crate::{
    event::{Change, Event},
    id::{MessageId, RoomId},
    message::{History, Message},
};
use serde::{Deserialize, Serialize};

/// A contiguous range of one room's messages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoomState {
    /// The room.
    pub room_id: RoomId,
    /// In ascending `seq`, without gaps.
    pub messages: Vec<Message>,
    /// Whether older messages can be loaded.
    pub older: bool,
    /// Whether newer messages exist that are not loaded; then new events do not extend the range.
    pub newer: bool,
}

impl RoomState {
    /// Creates the state from a page of history.
    pub fn new(room_id: RoomId, page: History) -> Self {
        Self { room_id, messages: page.items, older: page.older, newer: page.newer }
    }

    /// Applies an event. An event that the range already reflects, or that is of another room, changes nothing.
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
            Change::MessageCreated(_)
            | Change::RoomCreated(_)
            | Change::MemberJoined(_)
            | Change::MemberLeft(_)
            | Change::MemberUpdated(_)
            | Change::ReadUpdated(_)
            | Change::BlockAdded(_)
            | Change::BlockRemoved(_)
            | Change::SessionEnded(_)
            | Change::NotificationCreated(_)
            | Change::InvitationCreated(_)
            | Change::InvitationUpdated(_) => {}
        }
    }

    /// Prepends the page before the range.
    pub fn prepend(&mut self, page: History) {
        let first = self.messages.first().map_or(i64::MAX, |m| m.seq);
        let mut messages: Vec<_> = page.items.into_iter().filter(|m| m.seq < first).collect();
        messages.append(&mut self.messages);
        self.messages = messages;
        self.older = page.older;
    }

    /// Appends the page after the range.
    pub fn append(&mut self, page: History) {
        let last = self.messages.last().map_or(0, |m| m.seq);
        self.messages.extend(page.items.into_iter().filter(|m| m.seq > last));
        self.newer = page.newer;
    }

    /// Finds a message.
    pub fn find(&self, id: MessageId) -> Option<&Message> {
        // The newest messages are looked up most often.
        self.messages.iter().rev().find(|m| m.id == id)
    }

    fn replace(&mut self, message: &Message) {
        let stored = self.messages.iter_mut().rev().find(|m| m.id == message.id);
        if let Some(stored) = stored.filter(|stored| stored.version <= message.version) {
            stored.clone_from(message);
        }
    }
}
