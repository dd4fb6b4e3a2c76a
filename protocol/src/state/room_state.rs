//! The state of one room in the browser, updated by events; tested on the server.

use crate::{
    event::{Change, Event},
    id::{MessageId, RoomId},
    message::{History, Message},
};
use serde::{Deserialize, Serialize};

/// At most this many messages of a room are kept in a browser: a few screens in each direction.
pub const MAX_MESSAGES: usize = 300;
/// When there are more, so many are dropped at once.
const DROPPED: usize = 50;

/// A contiguous range of one room's messages, at most [`MAX_MESSAGES`].
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
    /// Whether the reader is not at the end: then what arrives neither pushes out what they read nor extends a full range.
    pub reading_back: bool,
}

impl RoomState {
    /// Creates the state from a page of history.
    pub fn new(room_id: RoomId, page: History) -> Self {
        Self { room_id, messages: page.items, older: page.older, newer: page.newer, reading_back: false }
    }

    /// Applies an event. An event that the range already reflects, or that is of another room, changes nothing.
    pub fn apply(&mut self, event: &Event) {
        match &event.change {
            Change::MessageCreated(message) if message.room_id == self.room_id => {
                if self.find(message.id).is_some() {
                    self.replace(message);
                } else if !self.is_full_for_reader()
                    && !self.newer
                    && self.messages.last().is_none_or(|last| last.seq + 1 == message.seq)
                {
                    self.messages.push(message.clone());
                    self.drop_oldest();
                } else if self.messages.last().is_some_and(|last| last.seq < message.seq) {
                    self.newer = true;
                }
            }
            Change::MessageUpdated(message) | Change::MessageDeleted(message) => self.replace(message),
            Change::MessagesPurged(purged) if purged.room_id == self.room_id => {
                let kept = self.messages.partition_point(|message| message.seq < purged.before_seq);
                self.messages.drain(..kept);
                // Nothing is left before the range, unless the range itself is further on.
                self.older &= self.messages.first().is_some_and(|first| first.seq > purged.before_seq);
            }
            Change::UserUpdated(user) => {
                let author = user.author();
                for message in &mut self.messages {
                    let named = [Some(&mut message.author), message.subject.as_mut()];
                    for user in named.into_iter().flatten().filter(|user| user.id == author.id) {
                        user.clone_from(&author);
                    }
                }
            }
            Change::MessageCreated(_)
            | Change::MessagesPurged(_)
            | Change::RoomCreated(_)
            | Change::RoomUpdated(_)
            | Change::RoomDeleted(_)
            | Change::RoomsOrdered(_)
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

    fn is_full_for_reader(&self) -> bool {
        self.reading_back && self.messages.len() >= MAX_MESSAGES
    }

    /// Prepends the page before the range. A page that does not join it is dropped: the range has moved meanwhile.
    pub fn prepend(&mut self, page: History) {
        let first = self.messages.first().map(|m| m.seq);
        let mut messages: Vec<_> = page.items.into_iter().filter(|m| first.is_none_or(|first| m.seq < first)).collect();
        if messages.last().zip(first).is_some_and(|(last, first)| last.seq + 1 != first) {
            return;
        }
        messages.append(&mut self.messages);
        self.messages = messages;
        self.older = page.older;
        self.drop_newest();
    }

    /// Appends the page after the range. A page that does not join it is dropped: the range has moved meanwhile.
    pub fn append(&mut self, page: History) {
        let last = self.messages.last().map(|m| m.seq);
        let mut messages = page.items.into_iter().filter(|m| last.is_none_or(|last| m.seq > last)).peekable();
        if messages.peek().zip(last).is_some_and(|(first, last)| first.seq != last + 1) {
            return;
        }
        self.messages.extend(messages);
        self.newer = page.newer;
        self.drop_oldest();
    }

    fn drop_oldest(&mut self) {
        if self.messages.len() > MAX_MESSAGES {
            self.messages.drain(..self.messages.len() - (MAX_MESSAGES - DROPPED));
            self.older = true;
        }
    }

    fn drop_newest(&mut self) {
        if self.messages.len() > MAX_MESSAGES {
            self.messages.truncate(MAX_MESSAGES - DROPPED);
            self.newer = true;
        }
    }

    /// Whether the range ends before this seq.
    pub fn ends_before(&self, seq: i64) -> bool {
        self.messages.last().map_or(0, |last| last.seq) < seq
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
