//! What a member has not read in a room: the same arithmetic on the server and in the browser.
//!
//! A message is unread if its `seq` is greater than the read marker, unless it is uncounted: it was deleted, is room
//! activity, or its author is blocked by the member. Sending a message moves the marker to it.

use crate::{
    event::ReadMarker,
    id::{MessageId, RoomId},
    room::{Membership, NotificationLevel, RoomRole},
    time::Time,
};
use serde::{Deserialize, Serialize};

/// Counts are exact up to 99; this one means "more".
pub const MAX_COUNT: i64 = 100;
/// With more messages than this after a read marker, of any kind, the count is [`MAX_COUNT`].
pub const COUNTED_RANGE: i64 = 1_000;
/// At most this many seqs are listed: the newest.
pub const MAX_LISTED: usize = 100;

/// A set of seqs after a read marker: the newest are listed, of the older ones only the number is known.
#[derive(Debug)]
struct Seqs<'a> {
    listed: &'a mut Vec<i64>,
    more: &'a mut i64,
}

impl Seqs<'_> {
    /// Adds a seq; one that is listed changes nothing.
    fn insert(&mut self, seq: i64) {
        let Err(place) = self.listed.binary_search(&seq) else { return };
        self.listed.insert(place, seq);
        if self.listed.len() > MAX_LISTED {
            self.listed.remove(0);
            *self.more += 1;
        }
    }

    /// Keeps only the seqs after this one.
    fn keep_after(&mut self, seq: i64) {
        self.listed.retain(|other| *other > seq);
        *self.more = 0;
    }

    /// How many there are up to this seq.
    fn count(&self, head: i64) -> i64 {
        self.listed.iter().filter(|seq| **seq <= head).zip(1..).last().map_or(0, |(_, count)| count) + *self.more
    }
}

impl ReadMarker {
    /// A read marker in a room with this head; the messages with the excluded seqs do not count.
    pub fn new(room_id: RoomId, head: i64, read_seq: i64, excluded: impl IntoIterator<Item = i64>) -> Self {
        let mut membership = Membership::joined(RoomRole::Member, Time(0), read_seq);
        excluded.into_iter().for_each(|seq| membership.exclude(seq));
        membership.count(head);
        membership.marker(room_id)
    }
}

impl Membership {
    /// The membership of a user who joins a room; messages up to `read_seq` were sent before.
    pub const fn joined(role: RoomRole, joined_at: Time, read_seq: i64) -> Self {
        Self {
            role,
            joined_at,
            read_seq,
            unread: 0,
            mentions: 0,
            uncounted: Vec::new(),
            uncounted_more: 0,
            notifications: NotificationLevel::All,
            favorite: false,
            mute: None,
            muted_until: None,
            position: None,
            hidden: false,
        }
    }

    /// The read marker, as an event tells it.
    pub fn marker(&self, room_id: RoomId) -> ReadMarker {
        ReadMarker {
            room_id,
            read_seq: self.read_seq,
            unread: self.unread,
            uncounted: self.uncounted.clone(),
            uncounted_more: self.uncounted_more,
        }
    }

    /// Takes over a read marker that an event tells, which may have moved backwards.
    pub fn set_marker(&mut self, marker: &ReadMarker) {
        self.read_seq = marker.read_seq;
        self.uncounted.clone_from(&marker.uncounted);
        self.uncounted_more = marker.uncounted_more;
    }

    /// Moves the read marker to a message that was read or sent.
    pub fn read_up_to(&mut self, seq: i64) {
        self.read_seq = seq;
        self.uncounted().keep_after(seq);
    }

    /// What was purged is not unread any more: all messages with a lower `seq`.
    pub fn purge(&mut self, before_seq: i64) {
        if self.read_seq < before_seq - 1 {
            self.read_up_to(before_seq - 1);
        }
    }

    /// Excludes a message from the count.
    pub fn exclude(&mut self, seq: i64) {
        if seq > self.read_seq {
            self.uncounted().insert(seq);
        }
    }

    /// Counts the unread messages of a room with this head.
    pub fn count(&mut self, head: i64) {
        let after = head - self.read_seq;
        if after > COUNTED_RANGE {
            self.uncounted().keep_after(i64::MAX);
            self.unread = MAX_COUNT;
        } else {
            self.unread = (after - self.uncounted().count(head)).clamp(0, MAX_COUNT);
        }
    }

    const fn uncounted(&mut self) -> Seqs<'_> {
        Seqs { listed: &mut self.uncounted, more: &mut self.uncounted_more }
    }
}

/// What the caller has not read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Unread {
    /// Rooms with unread messages, by name.
    pub rooms: Vec<UnreadRoom>,
    /// Threads with unread replies; empty, because messages cannot be replied to yet.
    pub threads: Vec<UnreadThread>,
}

/// A room with unread messages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnreadRoom {
    /// The room.
    pub room_id: RoomId,
    /// How many messages are unread, up to 99; more is 100.
    pub unread: i64,
    /// How many of those mention the caller, up to 99; more is 100.
    pub mentions: i64,
}

/// A thread with unread replies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnreadThread {
    /// The message that was replied to.
    pub message_id: MessageId,
    /// How many replies are unread, up to 99; more is 100.
    pub unread: i64,
}

/// What was marked read. Marking these messages unread again undoes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClearedUnread {
    /// Of each room that was not read to the end, the first message after the read marker.
    pub message_ids: Vec<MessageId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn membership(read_seq: i64) -> Membership {
        Membership::joined(RoomRole::Member, Time(0), read_seq)
    }

    fn unread(membership: &mut Membership, head: i64) -> i64 {
        membership.count(head);
        membership.unread
    }

    #[test]
    fn what_is_uncounted_is_excluded_once_and_only_after_the_marker() {
        let mut mine = membership(3);
        for seq in [5, 4, 5, 3, 9] {
            mine.exclude(seq);
        }
        assert_eq!(mine.uncounted, [4, 5, 9]);
        assert_eq!(unread(&mut mine, 8), 3, "a message that is still to come is not excluded yet");
        assert_eq!(unread(&mut mine, 10), 4);
        mine.read_up_to(4);
        assert_eq!((mine.uncounted.clone(), unread(&mut mine, 10)), (vec![5, 9], 4));
    }

    #[test]
    fn counts_are_exact_up_to_99_with_any_number_of_uncounted_messages() {
        let mut mine = membership(0);
        assert_eq!(unread(&mut mine, 99), 99);
        assert_eq!(unread(&mut mine, 5_000), 100);
        for seq in 1..=250 {
            mine.exclude(seq);
        }
        assert_eq!((mine.uncounted.len(), mine.uncounted[0], mine.uncounted_more), (100, 151, 150));
        assert_eq!(unread(&mut mine, 349), 99);
        assert_eq!(unread(&mut mine, 350), 100);
        assert_eq!(unread(&mut mine, COUNTED_RANGE + 1), 100);
        assert_eq!((mine.uncounted.len(), mine.uncounted_more), (0, 0), "too many messages to count");
    }
}
