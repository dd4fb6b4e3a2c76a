//! Subscribers by user and room, in plain maps. Membership here follows the event stream, so that a user removed from a
//! room receives nothing that happened afterwards.
//!
//! A user is in a room once, and the connections are stored at the user. Opening or closing a connection costs the same
//! however many rooms the user is in, and joining or leaving a room costs the same however many connections the user
//! has.

mod queue;

pub use crate::events::hub::queue::{ConnectionReceiver, FrameWriter, Frames};

use crate::{
    CloseReason,
    events::hub::queue::{ConnectionSender, ConnectionSenders, Shared},
};
use protocol::{
    id::{RoomId, SessionId, UserId},
    user::Presence,
};
use slab::Slab;
use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
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
    /// Rooms in which messages up to a seq are hidden from the user.
    hidden: HashMap<RoomId, i64>,
}

impl Subscriber {
    fn sees(&self, room: RoomId, seq: i64) -> bool {
        seq == i64::MAX || self.hidden.get(&room).is_none_or(|hidden| seq > *hidden)
    }
}

#[derive(Debug, Default)]
struct State {
    subscribers: Slab<Subscriber>,
    /// Slot of each user, ordered by id for pagination.
    slots: BTreeMap<UserId, usize>,
    /// Slots of the subscribers of each room: plain lists, because they are iterated for every message.
    rooms: HashMap<RoomId, Vec<usize>>,
    stopping: bool,
    /// Presence of the users connected to other nodes, as last reported.
    presences_elsewhere: BTreeMap<UserId, Presence>,
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
        if let Some(subscriber) = state.subscribers.get_mut(receiver.slot) {
            subscriber.connections.add(connection);
        }
        drop(state);
        receiver
    }

    /// Whether the rooms of an online user are not loaded yet.
    pub fn needs_rooms(&self, user: UserId) -> bool {
        self.state().find(user).is_some_and(|subscriber| !subscriber.rooms_loaded)
    }

    /// Sets the rooms of a user, as read from the database after [`Hub::subscribe`].
    pub fn set_rooms(&self, receiver: &ConnectionReceiver, rooms: Vec<RoomId>) {
        let mut state = self.state();
        // Changes were recorded only since this connection was added; if it was disconnected meanwhile, its result may
        // be stale.
        let subscriber = state
            .subscribers
            .get_mut(receiver.slot)
            .filter(|subscriber| subscriber.connections.contains(&receiver.shared));
        let Some(subscriber) = subscriber.filter(|subscriber| !subscriber.rooms_loaded) else { return };
        subscriber.rooms_loaded = true;
        let changes = std::mem::take(&mut subscriber.changes);
        let rooms = rooms.into_iter().filter(|room| changes.get(room) != Some(&false));
        let joined = changes.iter().filter(|(_, is_in)| **is_in).map(|(room, _)| *room);
        for room in rooms.chain(joined) {
            state.add_to_room(room, receiver.slot);
        }
    }

    /// Subscribes a user to a room that they joined.
    pub fn join(&self, room: RoomId, user: UserId) {
        let mut state = self.state();
        let Some(slot) = state.slots.get(&user).copied() else { return };
        match state.subscribers.get_mut(slot) {
            Some(subscriber) if !subscriber.rooms_loaded => {
                subscriber.changes.insert(room, true);
            }
            _ => state.add_to_room(room, slot),
        }
    }

    /// Unsubscribes a user from a room that they left.
    pub fn leave(&self, room: RoomId, user: UserId) {
        let mut state = self.state();
        let Some(subscriber) = state.find(user) else { return };
        if !subscriber.rooms_loaded {
            subscriber.changes.insert(room, false);
        }
        if let Some(position) = subscriber.rooms.remove(&room) {
            state.remove_from_room(room, position);
        }
    }

    /// Unsubscribes everyone from a room that was deleted.
    pub fn close_room(&self, room: RoomId) {
        let mut state = self.state();
        for slot in state.rooms.remove(&room).unwrap_or_default() {
            if let Some(subscriber) = state.subscribers.get_mut(slot) {
                subscriber.rooms.remove(&room);
            }
        }
    }

    /// Hides the messages up to a seq from a user who joins a room; 0 hides none.
    pub fn hide_history(&self, room: RoomId, user: UserId, until: i64) {
        if let Some(subscriber) = self.state().find(user) {
            subscriber.hidden.remove(&room);
            subscriber.hidden.extend((until > 0).then_some((room, until)));
        }
    }

    /// Sets in which rooms of a user messages are hidden, as read from the database before [`Hub::set_rooms`].
    pub fn set_hidden(&self, receiver: &ConnectionReceiver, hidden: Vec<(RoomId, i64)>) {
        let mut state = self.state();
        let Some(subscriber) = state.subscribers.get_mut(receiver.slot) else { return };
        if subscriber.connections.contains(&receiver.shared) && !subscriber.rooms_loaded {
            // What the event stream told meanwhile is newer.
            let hidden = hidden.into_iter().filter(|(room, _)| !subscriber.changes.contains_key(room));
            subscriber.hidden.extend(hidden.collect::<Vec<_>>());
        }
    }

    /// Queues frames for every connection in a room.
    pub fn publish_to_room(&self, room: RoomId, frames: &Arc<Frames>) {
        self.publish_change(room, i64::MAX, frames);
    }

    /// Queues frames about a message for every connection in a room, except where the message is hidden.
    pub fn publish_change(&self, room: RoomId, seq: i64, frames: &Arc<Frames>) {
        let mut state = self.state();
        let Some(subscribers) = state.rooms.get(&room) else { return };
        let mut slow = Vec::new();
        for slot in subscribers {
            let Some(subscriber) = state.subscribers.get(*slot) else { continue };
            if !subscriber.sees(room, seq) {
                continue;
            }
            for connection in subscriber.connections.iter() {
                if !connection.push(frames) {
                    slow.push((*slot, connection.shared.clone()));
                }
            }
        }
        state.disconnect(&slow, CloseReason::TooSlow);
    }

    /// Queues frames for every connection of a user.
    pub fn publish_to_user(&self, user: UserId, frames: &Arc<Frames>) {
        self.disconnect_where(user, CloseReason::TooSlow, |connection| !connection.push(frames));
    }

    /// Closes the connections of an ended session.
    pub fn end_session(&self, user: UserId, session: SessionId) {
        self.disconnect_where(user, CloseReason::SessionEnded, |connection| connection.session == session);
    }

    fn disconnect_where(&self, user: UserId, reason: CloseReason, which: impl Fn(&ConnectionSender) -> bool) {
        let mut state = self.state();
        let Some(slot) = state.slots.get(&user).copied() else { return };
        let Some(subscriber) = state.subscribers.get(slot) else { return };
        let some = subscriber.connections.iter().filter(|connection| which(connection));
        let some: Vec<_> = some.map(|connection| (slot, connection.shared.clone())).collect();
        state.disconnect(&some, reason);
    }

    /// Closes every connection, and each new one at once.
    pub fn stop(&self) {
        let mut state = self.state();
        state.stopping = true;
        state.slots.clear();
        state.rooms.clear();
        let subscribers = std::mem::take(&mut state.subscribers);
        drop(state);
        for connection in subscribers.iter().flat_map(|(_, subscriber)| subscriber.connections.iter()) {
            connection.close(CloseReason::Stopping);
        }
    }

    /// Sessions with an open connection.
    pub fn sessions(&self) -> Vec<SessionId> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let state = self.state();
            let page: Vec<_> = state.slots.range(range_after(after)).take(PAGE).collect();
            let subscribers = page.iter().filter_map(|(_, slot)| state.subscribers.get(**slot));
            all.extend(
                subscribers.flat_map(|subscriber| subscriber.connections.iter().map(|connection| connection.session)),
            );
            match page.last() {
                Some((user, _)) if page.len() == PAGE => after = Some(**user),
                _ => return all,
            }
        }
    }

    /// Presence of a user, connected to any node.
    pub fn presence(&self, user: UserId) -> Presence {
        let state = self.state();
        if state.slots.contains_key(&user) {
            return Presence::Online;
        }
        state.presences_elsewhere.get(&user).copied().unwrap_or(Presence::Offline)
    }

    /// Presence of the users connected to this node.
    pub fn presences_here(&self) -> BTreeMap<UserId, Presence> {
        collect_pages(|after| self.state().slots.range(range_after(after)).map(online).take(PAGE).collect())
    }

    /// Presence of the users connected to any node.
    pub fn presences(&self) -> BTreeMap<UserId, Presence> {
        collect_pages(|after| self.presences_after(after, PAGE))
    }

    /// Presence of up to `limit` users connected to any node, ordered by id, after `after`.
    pub fn presences_after(&self, after: Option<UserId>, limit: usize) -> Vec<(UserId, Presence)> {
        let state = self.state();
        let here = state.slots.range(range_after(after)).map(online).take(limit);
        let elsewhere = state.presences_elsewhere.range(range_after(after)).map(|(user, presence)| (*user, *presence));
        let mut first: Vec<_> = here.chain(elsewhere.take(limit)).collect();
        drop(state);
        // Stable, so that what is known here counts.
        first.sort_by_key(|(user, _)| *user);
        first.dedup_by_key(|(user, _)| *user);
        first.truncate(limit);
        first
    }

    /// Sets the presence of the users connected to other nodes.
    pub fn set_presences_elsewhere(&self, presences: BTreeMap<UserId, Presence>) {
        let old = std::mem::replace(&mut self.state().presences_elsewhere, presences);
        // Dropped after the lock is released.
        drop(old);
    }

    /// Number of connections in a room.
    pub fn connection_count(&self, room: RoomId) -> usize {
        let state = self.state();
        let subscribers = state.rooms.get(&room).into_iter().flatten().filter_map(|slot| state.subscribers.get(*slot));
        subscribers.map(|subscriber| subscriber.connections.iter().len()).sum()
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

/// A user with a connection to this node.
fn online((user, _): (&UserId, &usize)) -> (UserId, Presence) {
    (*user, Presence::Online)
}

/// Collects all pages; the hub is unlocked between two pages.
fn collect_pages(page: impl Fn(Option<UserId>) -> Vec<(UserId, Presence)>) -> BTreeMap<UserId, Presence> {
    let mut all = BTreeMap::new();
    loop {
        let next = page(all.last_key_value().map(|(user, _)| *user));
        let is_last = next.len() < PAGE;
        all.extend(next);
        if is_last {
            return all;
        }
    }
}

impl State {
    fn find(&mut self, user: UserId) -> Option<&mut Subscriber> {
        self.slots.get(&user).and_then(|slot| self.subscribers.get_mut(*slot))
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
                hidden: HashMap::new(),
            })
        })
    }

    /// Drops the hub's senders of these connections.
    fn disconnect(&mut self, connections: &[(usize, Arc<Shared>)], reason: CloseReason) {
        for (slot, shared) in connections {
            if let Some(connection) = self.remove(*slot, shared) {
                connection.close(reason);
            }
        }
    }

    /// Removes a connection; the last connection removes its user.
    fn remove(&mut self, slot: usize, shared: &Arc<Shared>) -> Option<ConnectionSender> {
        // If it was removed before, another user may have the slot by now; the connection is not one of theirs.
        let subscriber = self.subscribers.get_mut(slot)?;
        let connection = subscriber.connections.remove(shared)?;
        if subscriber.connections.iter().len() == 0 {
            let subscriber = self.subscribers.remove(slot);
            self.slots.remove(&subscriber.user);
            for (room, position) in subscriber.rooms {
                self.remove_from_room(room, position);
            }
        }
        Some(connection)
    }

    fn add_to_room(&mut self, room: RoomId, slot: usize) {
        let Some(subscriber) = self.subscribers.get_mut(slot) else { return };
        if let Entry::Vacant(entry) = subscriber.rooms.entry(room) {
            let subscribers = self.rooms.entry(room).or_default();
            entry.insert(subscribers.len());
            subscribers.push(slot);
        }
    }

    /// Removes the entry at this index from the list of a room; the last entry takes the index.
    fn remove_from_room(&mut self, room: RoomId, position: usize) {
        let Some(subscribers) = self.rooms.get_mut(&room) else { return };
        subscribers.swap_remove(position);
        if let Some(moved) = subscribers.get(position).and_then(|slot| self.subscribers.get_mut(*slot)) {
            moved.rooms.insert(room, position);
        }
        if subscribers.is_empty() {
            self.rooms.remove(&room);
        }
    }
}

#[cfg(test)]
mod tests;
