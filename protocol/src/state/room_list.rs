//! The list of a user's rooms, updated by events.

use crate::{
    event::{Change, Event},
    id::{RoomId, UserId},
    room::{Member, Membership, Room, RoomOrder},
    sync::Snapshot,
    user::Author,
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

    /// The rooms that are not hidden.
    pub fn shown(&self) -> impl Iterator<Item = &Room> {
        self.rooms.iter().filter(|room| room.membership.as_ref().is_none_or(|membership| !membership.hidden))
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
                    membership.hidden &= message.seq <= room.head;
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
                membership.hidden = change.room.kind.is_direct() && change.room.head <= joined_seq;
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
            Change::RoomsOrdered(order) => self.set_order(order),
            Change::UserUpdated(user) => self.rename(&user.author()),
            Change::BlockAdded(block) if !self.blocked.contains(&block.user_id) => {
                self.blocked.push(block.user_id);
                self.blocked.sort_unstable();
            }
            Change::BlockRemoved(block) => self.blocked.retain(|user| *user != block.user_id),
            Change::BlockAdded(_)
            | Change::RoomCreated(_)
            | Change::MemberUpdated(_)
            | Change::MessageUpdated(_)
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
        let Some(name) = self.room(new.id).map(|room| room.name.clone()) else {
            if new.membership.is_some() {
                self.rooms.push(new.clone());
                self.sort();
            }
            return;
        };
        self.change(new.id, |room, membership| {
            if let Some(own) = &new.membership {
                membership.clone_from(own);
            }
            *room = Room { head: room.head.max(new.head), ..new.clone() };
        });
        if name != new.name {
            self.sort();
        }
    }

    fn set_order(&mut self, order: &RoomOrder) {
        for membership in self.rooms.iter_mut().filter_map(|room| room.membership.as_mut()) {
            membership.position = None;
        }
        for place in &order.rooms {
            self.change(place.room_id, |_, membership| membership.position = Some(place.position));
        }
    }

    /// Direct and group rooms show the names and avatars of their members.
    fn rename(&mut self, user: &Author) {
        for member in self.rooms.iter_mut().flat_map(|room| &mut room.members) {
            if member.id == user.id {
                member.clone_from(user);
            }
        }
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
