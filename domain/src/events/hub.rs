//! Subscribers by user and room, in plain maps. Membership here follows the event stream, so that a user removed from a
//! room receives nothing that happened afterwards.
//!
//! A user is in a room once, and the connections are kept at the user. Opening or closing a connection costs the same
//! however many rooms the user is in, and joining or leaving a room costs the same however many connections the user
//! has.

mod queue;

pub use crate::events::hub::queue::{ConnectionReceiver, Frame, Frames};

use crate::{
    CloseReason,
    events::hub::queue::{ConnectionSender, ConnectionSenders, Shared},
};
use protocol::id::{RoomId, SessionId, UserId};
use slab::Slab;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry},
    ops::Bound,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Users listed per lock of the hub, during which nothing is published.
const PAGE: usize = 1024;

/// State of one user with connections.
#[derive(Debug)]
struct Subscriber {
    user: UserId,
    connections: ConnectionSenders,
    /// The user's rooms, and the user's index in the list of each.
    rooms: HashMap<RoomId, usize>,
    /// Membership changes seen while the rooms are being read from the database; applied to the result.
    changes: HashMap<RoomId, bool>,
    rooms_loaded: bool,
}

#[derive(Debug, Default)]
struct State {
    subscribers: Slab<Subscriber>,
    /// Slot of each user, ordered by id for pagination.
    slots: BTreeMap<UserId, usize>,
    /// Slots of the subscribers of each room: plain lists, because they are iterated for every message.
    rooms: HashMap<RoomId, Vec<usize>>,
    stopping: bool,
    /// Users online on other nodes, as last reported.
    online_elsewhere: BTreeSet<UserId>,
}

/// Connections of this node.
#[derive(Debug, Default)]
pub struct Hub {
    state: Mutex<State>,
}

impl Hub {
    /// Every method leaves the maps consistent, so a poisoned lock is safe to use.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a connection. It receives the user's own events at once, and those of rooms after [`Hub::set_rooms`].
    pub fn subscribe(self: &Arc<Self>, user: UserId, session: SessionId) -> ConnectionReceiver {
        let (connection, mut receiver) = queue::queue(self, session);
        let mut state = self.state();
        if state.stopping {
            drop(state);
            connection.close(CloseReason::Stopping);
            return receiver;
        }
        // Rooms loaded for an earlier connection of the same user are current: they follow the event stream.
        receiver.slot = state.find_or_add(user);
        if let Some(person) = state.subscribers.get_mut(receiver.slot) {
            person.connections.add(connection);
        }
        drop(state);
        receiver
    }

    /// Whether the rooms of an online user are not loaded yet.
    pub fn needs_rooms(&self, user: UserId) -> bool {
        self.state().find(user).is_some_and(|person| !person.rooms_loaded)
    }

    /// Sets the rooms of a user, as read from the database after [`Hub::subscribe`].
    pub fn set_rooms(&self, receiver: &ConnectionReceiver, rooms: Vec<RoomId>) {
        let mut state = self.state();
        // Changes were recorded only since this connection was added; if it was disconnected meanwhile, its result may
        // be stale.
        let person =
            state.subscribers.get_mut(receiver.slot).filter(|person| person.connections.contains(&receiver.shared));
        let Some(person) = person.filter(|person| !person.rooms_loaded) else { return };
        person.rooms_loaded = true;
        let changes = std::mem::take(&mut person.changes);
        let rooms = rooms.into_iter().filter(|room| changes.get(room) != Some(&false));
        let joined = changes.iter().filter(|(_, is_in)| **is_in).map(|(room, _)| *room);
        for room in rooms.chain(joined) {
            state.add_to_room(room, receiver.slot);
        }
    }

    /// Subscribes a user to a room that they joined.
    pub fn join(&self, room: RoomId, user: UserId) {
        let mut state = self.state();
        let Some(place) = state.slots.get(&user).copied() else { return };
        match state.subscribers.get_mut(place) {
            Some(person) if !person.rooms_loaded => {
                person.changes.insert(room, true);
            }
            _ => state.add_to_room(room, place),
        }
    }

    /// Unsubscribes a user from a room that they left.
    pub fn leave(&self, room: RoomId, user: UserId) {
        let mut state = self.state();
        let Some(person) = state.find(user) else { return };
        if !person.rooms_loaded {
            person.changes.insert(room, false);
        }
        if let Some(position) = person.rooms.remove(&room) {
            state.remove_from_room(room, position);
        }
    }

    /// Queues frames for every connection in a room.
    pub fn publish_to_room(&self, room: RoomId, frames: &Frames) {
        let size = queue::size(frames);
        let mut state = self.state();
        let Some(subscribers) = state.rooms.get(&room) else { return };
        let mut slow = Vec::new();
        for slot in subscribers {
            let Some(person) = state.subscribers.get(*slot) else { continue };
            for connection in person.connections.iter() {
                if !connection.push(frames, size) {
                    slow.push((*slot, connection.shared.clone()));
                }
            }
        }
        state.disconnect(&slow, CloseReason::TooSlow);
    }

    /// Queues frames for every connection of a user.
    pub fn publish_to_user(&self, user: UserId, frames: &Frames) {
        let size = queue::size(frames);
        self.disconnect_where(user, CloseReason::TooSlow, |outlet| !outlet.push(frames, size));
    }

    /// Closes the connections of an ended session.
    pub fn end_session(&self, user: UserId, session: SessionId) {
        self.disconnect_where(user, CloseReason::SessionEnded, |outlet| outlet.session == session);
    }

    fn disconnect_where(&self, user: UserId, reason: CloseReason, which: impl Fn(&ConnectionSender) -> bool) {
        let mut state = self.state();
        let Some(place) = state.slots.get(&user).copied() else { return };
        let Some(person) = state.subscribers.get(place) else { return };
        let some = person.connections.iter().filter(|outlet| which(outlet));
        let some: Vec<_> = some.map(|outlet| (place, outlet.shared.clone())).collect();
        state.disconnect(&some, reason);
    }

    /// Closes every connection, and each new one at once.
    pub fn stop(&self) {
        let mut state = self.state();
        state.stopping = true;
        state.slots.clear();
        state.rooms.clear();
        let people = std::mem::take(&mut state.subscribers);
        drop(state);
        for connection in people.iter().flat_map(|(_, person)| person.connections.iter()) {
            connection.close(CloseReason::Stopping);
        }
    }

    /// Sessions with an open connection.
    pub fn sessions(&self) -> Vec<SessionId> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let state = self.state();
            let page: Vec<_> = state.slots.range(range_after(after)).take(PAGE).collect();
            let people = page.iter().filter_map(|(_, place)| state.subscribers.get(**place));
            all.extend(people.flat_map(|person| person.connections.iter().map(|outlet| outlet.session)));
            match page.last() {
                Some((user, _)) if page.len() == PAGE => after = Some(**user),
                _ => return all,
            }
        }
    }

    /// Whether a user is online on any node.
    pub fn is_online(&self, user: UserId) -> bool {
        let state = self.state();
        state.slots.contains_key(&user) || state.online_elsewhere.contains(&user)
    }

    /// Users online on this node.
    pub fn online_here(&self) -> BTreeSet<UserId> {
        collect_pages(|after| self.state().slots.range(range_after(after)).map(|(user, _)| *user).take(PAGE).collect())
    }

    /// Users online on any node.
    pub fn online_users(&self) -> BTreeSet<UserId> {
        collect_pages(|after| self.online_users_after(after, PAGE))
    }

    /// Up to `limit` users online on any node, ordered by id, after `after`.
    pub fn online_users_after(&self, after: Option<UserId>, limit: usize) -> Vec<UserId> {
        let state = self.state();
        let here = state.slots.range(range_after(after)).map(|(user, _)| *user).take(limit);
        let there = state.online_elsewhere.range(range_after(after)).copied().take(limit);
        let mut first: Vec<_> = here.chain(there).collect();
        drop(state);
        first.sort_unstable();
        first.dedup();
        first.truncate(limit);
        first
    }

    /// Sets the users online on other nodes.
    pub fn set_online_elsewhere(&self, users: BTreeSet<UserId>) {
        let old = std::mem::replace(&mut self.state().online_elsewhere, users);
        // Dropped after the lock is released.
        drop(old);
    }

    /// Number of connections in a room.
    pub fn connection_count(&self, room: RoomId) -> usize {
        let state = self.state();
        let people = state.rooms.get(&room).into_iter().flatten().filter_map(|place| state.subscribers.get(*place));
        people.map(|person| person.connections.iter().len()).sum()
    }

    fn unsubscribe(&self, slot: usize, shared: &Arc<Shared>) {
        let removed = self.state().remove(slot, shared);
        drop(removed);
    }
}

/// Range of ids after a user.
fn range_after(after: Option<UserId>) -> (Bound<UserId>, Bound<UserId>) {
    (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)
}

/// Collects all pages; the hub is unlocked between two pages.
fn collect_pages(page: impl Fn(Option<UserId>) -> Vec<UserId>) -> BTreeSet<UserId> {
    let mut all = BTreeSet::new();
    loop {
        let next = page(all.last().copied());
        let is_last = next.len() < PAGE;
        all.extend(next);
        if is_last {
            return all;
        }
    }
}

impl State {
    fn find(&mut self, user: UserId) -> Option<&mut Subscriber> {
        self.slots.get(&user).and_then(|place| self.subscribers.get_mut(*place))
    }

    /// Slot of a user, added if necessary.
    fn find_or_add(&mut self, user: UserId) -> usize {
        *self.slots.entry(user).or_insert_with(|| {
            self.subscribers.insert(Subscriber {
                user,
                connections: ConnectionSenders::default(),
                rooms: HashMap::new(),
                changes: HashMap::new(),
                rooms_loaded: false,
            })
        })
    }

    /// Drops the hub's senders of these connections.
    fn disconnect(&mut self, connections: &[(usize, Arc<Shared>)], reason: CloseReason) {
        for (slot, shared) in connections {
            if let Some(outlet) = self.remove(*slot, shared) {
                outlet.close(reason);
            }
        }
    }

    /// Removes a connection; the last connection removes its user.
    fn remove(&mut self, slot: usize, shared: &Arc<Shared>) -> Option<ConnectionSender> {
        // If it was removed before, another user may have the slot by now; the connection is not one of theirs.
        let person = self.subscribers.get_mut(slot)?;
        let connection = person.connections.remove(shared)?;
        if person.connections.iter().len() == 0 {
            let person = self.subscribers.remove(slot);
            self.slots.remove(&person.user);
            for (room, position) in person.rooms {
                self.remove_from_room(room, position);
            }
        }
        Some(connection)
    }

    fn add_to_room(&mut self, room: RoomId, slot: usize) {
        let Some(person) = self.subscribers.get_mut(slot) else { return };
        if let Entry::Vacant(entry) = person.rooms.entry(room) {
            let subscribers = self.rooms.entry(room).or_default();
            entry.insert(subscribers.len());
            subscribers.push(slot);
        }
    }

    /// Removes the entry at this index from the list of a room; the last entry takes the index.
    fn remove_from_room(&mut self, room: RoomId, position: usize) {
        let Some(subscribers) = self.rooms.get_mut(&room) else { return };
        subscribers.swap_remove(position);
        if let Some(moved) = subscribers.get(position).and_then(|place| self.subscribers.get_mut(*place)) {
            moved.rooms.insert(room, position);
        }
        if subscribers.is_empty() {
            self.rooms.remove(&room);
        }
    }
}

#[cfg(test)]
mod tests;
