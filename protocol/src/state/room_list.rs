//! The list of a user's rooms, updated by events.

use crate::{
    event::{Change, Event},
    id::{RoomId, UserId},
    room::{Member, Membership, Room},
    sync::Snapshot,
};

/// The rooms of one user, by name.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomList {
    /// The user.
    pub me: UserId,
    /// The rooms, each with a membership.
    pub rooms: Vec<Room>,
    /// The users that this user blocks: their messages are collapsed.
    pub blocked: Vec<UserId>,
    /// Where each room is in the list, by id.
    places: Vec<(RoomId, usize)>,
}

impl RoomList {
    /// Creates the list from a snapshot.
    pub fn new(snapshot: &Snapshot) -> Self {
        Self::of(snapshot.me.id, snapshot.rooms.clone(), snapshot.blocked.clone())
    }

    /// Creates the list of these rooms, in any order.
    pub fn of(me: UserId, rooms: Vec<Room>, blocked: Vec<UserId>) -> Self {
        let mut list = Self { me, rooms, blocked, places: Vec::new() };
        list.sort();
        list
    }

    /// Finds a room.
    pub fn room(&self, id: RoomId) -> Option<&Room> {
        self.rooms.get(self.place(id)?)
    }

    fn place(&self, id: RoomId) -> Option<usize> {
        let found = self.places.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.places.get(found).map(|(_, place)| *place)
    }

    /// Applies an event. An event that the list already reflects changes nothing.
    pub fn apply(&mut self, event: &Event) {
        match &event.change {
            Change::MessageCreated(message) => {
                let mine = message.author.id == self.me && message.kind.is_text();
                let uncounted = message.deleted || !message.kind.is_text() || self.blocked.contains(&message.author.id);
                self.change(message.room_id, |room, membership| {
                    room.head = room.head.max(message.seq);
                    if mine {
                        membership.read_up_to(message.seq);
                    } else if uncounted {
                        membership.exclude(message.seq);
                    }
                });
            }
            Change::MessageDeleted(message) => {
                self.change(message.room_id, |_, membership| membership.exclude(message.seq));
            }
            Change::MessagesPurged(purged) => {
                self.change(purged.room_id, |room, membership| {
                    // A message that was sent and purged while the user was away has no event of its own.
                    room.head = room.head.max(purged.before_seq - 1);
                    membership.purge(purged.before_seq);
                });
            }
            Change::ReadUpdated(marker) => {
                self.change(marker.room_id, |_, membership| membership.set_marker(marker));
            }
            Change::MemberJoined(change) if change.member.is(self.me) => {
                let Member { role, joined_at, joined_seq, .. } = change.member;
                let mut membership = Membership::joined(role, joined_at, joined_seq);
                membership.count(change.room.head);
                if self.room(change.room.id).is_none() {
                    self.rooms.push(Room { membership: Some(membership), ..change.room.clone() });
                    self.sort();
                }
            }
            Change::MemberLeft(change) if change.member.is(self.me) => {
                self.rooms.retain(|room| room.id != change.room.id);
                self.index();
            }
            Change::RoomUpdated(room) => self.update_room(room),
            Change::RoomDeleted(room) => {
                self.rooms.retain(|other| other.id != room.room_id);
                self.index();
            }
            Change::MemberUpdated(change) if change.member.is(self.me) => {
                self.change(change.room.id, |_, membership| membership.role = change.member.role);
            }
            Change::MemberJoined(change) | Change::MemberLeft(change) => {
                self.change(change.room.id, |room, _| room.member_count = change.room.member_count);
            }
            Change::BlockAdded(block) if !self.blocked.contains(&block.user_id) => {
                self.blocked.push(block.user_id);
                self.blocked.sort_unstable();
            }
            Change::BlockRemoved(block) => self.blocked.retain(|user| *user != block.user_id),
            Change::BlockAdded(_)
            | Change::RoomCreated(_)
            | Change::MemberUpdated(_)
            | Change::MessageUpdated(_)
            | Change::UserUpdated(_)
            | Change::SessionEnded(_)
            | Change::NotificationCreated(_)
            | Change::InvitationCreated(_)
            | Change::InvitationUpdated(_) => {}
        }
    }

    /// Marks a room as read up to a message, before the server has it.
    pub fn mark_read(&mut self, id: RoomId, seq: i64) {
        self.change(id, |_, membership| {
            if membership.read_seq < seq {
                membership.read_up_to(seq);
            }
        });
    }

    /// Takes the new state of a room, with the user's own membership if the event has it.
    fn update_room(&mut self, new: &Room) {
        self.change(new.id, |room, membership| {
            if let Some(own) = &new.membership {
                membership.clone_from(own);
            }
            *room = Room { head: room.head.max(new.head), ..new.clone() };
        });
        self.sort();
    }

    fn change(&mut self, id: RoomId, change: impl FnOnce(&mut Room, &mut Membership)) {
        let Some(room) = self.place(id).and_then(|place| self.rooms.get_mut(place)) else { return };
        let Some(mut membership) = room.membership.take() else { return };
        change(room, &mut membership);
        membership.count(room.head);
        room.membership = Some(membership);
    }

    fn sort(&mut self) {
        // Not `limits::name_key`: sorting does not need it, and it weighs 50 KB in a browser.
        self.rooms.sort_by_cached_key(|room| (room.name.to_lowercase(), room.id));
        self.index();
    }

    fn index(&mut self) {
        self.places = self.rooms.iter().zip(0..).map(|(room, place)| (room.id, place)).collect();
        self.places.sort_unstable();
    }
}
