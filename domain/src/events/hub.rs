//! Who listens where: plain maps with small verbs. Membership here follows the stream of events, so that whoever was
//! shown out of a room gets nothing that happened after.
//!
//! A person is in a room once, and their connections are kept beside the person: a connection that comes or goes costs the
//! same however many rooms its person is in, and a room that is joined or left however many connections they have.

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

/// People listed in one turn, during which nobody is told anything.
const PAGE: usize = 1024;

/// What the hub knows of one person who listens.
#[derive(Debug)]
struct Subscriber {
    user: UserId,
    connections: ConnectionSenders,
    /// The rooms they are in, and where in the list of each.
    rooms: HashMap<RoomId, usize>,
    /// Room changes seen while their rooms are being read from the database, to be laid over what is read.
    changes: HashMap<RoomId, bool>,
    rooms_loaded: bool,
}

#[derive(Debug, Default)]
struct State {
    subscribers: Slab<Subscriber>,
    /// Where in the slab each person is; in the order of their ids, in which they are listed.
    slots: BTreeMap<UserId, usize>,
    /// Who listens to each room: plain lists of places in the slab, because they are gone through for every message.
    rooms: HashMap<RoomId, Vec<usize>>,
    stopping: bool,
    /// Who listens on other nodes, as far as that is known.
    online_elsewhere: BTreeSet<UserId>,
}

/// The listeners of this node.
#[derive(Debug, Default)]
pub struct Hub {
    state: Mutex<State>,
}

impl Hub {
    /// The maps are whole between verbs, so a panic elsewhere does not spoil them.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a listener. It hears its own events at once, and those of rooms after [`Hub::set_rooms`].
    pub fn subscribe(self: &Arc<Self>, user: UserId, session: SessionId) -> ConnectionReceiver {
        let (connection, mut receiver) = queue::queue(self, session);
        let mut state = self.state();
        if state.stopping {
            drop(state);
            connection.close(CloseReason::Stopping);
            return receiver;
        }
        // Rooms known from an earlier listener of the same person are right: they follow the stream.
        receiver.slot = state.find_or_add(user);
        if let Some(person) = state.subscribers.get_mut(receiver.slot) {
            person.connections.add(connection);
        }
        drop(state);
        receiver
    }

    /// Whether the rooms of a listening person are not known yet.
    pub fn needs_rooms(&self, user: UserId) -> bool {
        self.state().find(user).is_some_and(|person| !person.rooms_loaded)
    }

    /// Learns the rooms of a person, as read from the database after [`Hub::subscribe`].
    pub fn set_rooms(&self, receiver: &ConnectionReceiver, rooms: Vec<RoomId>) {
        let mut state = self.state();
        // Changes were kept only since this listener came; if it was cut off meanwhile, what it read may be stale.
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

    /// Someone came into a room.
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

    /// Someone went out of a room.
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

    /// Queues what happened to everyone in a room.
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

    /// Queues what happened to every listener of a person.
    pub fn publish_to_user(&self, user: UserId, frames: &Frames) {
        let size = queue::size(frames);
        self.disconnect_where(user, CloseReason::TooSlow, |outlet| !outlet.push(frames, size));
    }

    /// Closes the listeners of a session that is over.
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

    /// Closes every listener, and each new one at once.
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

    /// The sessions that listen.
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

    /// Whether a person listens, on any node.
    pub fn is_online(&self, user: UserId) -> bool {
        let state = self.state();
        state.slots.contains_key(&user) || state.online_elsewhere.contains(&user)
    }

    /// Who listens on this node.
    pub fn online_here(&self) -> BTreeSet<UserId> {
        collect_pages(|after| self.state().slots.range(range_after(after)).map(|(user, _)| *user).take(PAGE).collect())
    }

    /// Who listens on any node.
    pub fn online_users(&self) -> BTreeSet<UserId> {
        collect_pages(|after| self.online_users_after(after, PAGE))
    }

    /// The first of those who listen on any node, in the order of their ids and after one of them.
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

    /// Learns who listens on other nodes.
    pub fn set_online_elsewhere(&self, users: BTreeSet<UserId>) {
        let old = std::mem::replace(&mut self.state().online_elsewhere, users);
        // Freed when others can go on.
        drop(old);
    }

    /// How many connections listen to a room.
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

/// Those after someone.
fn range_after(after: Option<UserId>) -> (Bound<UserId>, Bound<UserId>) {
    (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)
}

/// All there are, page by page: between two, others have their turn.
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

    /// Where a person is kept.
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

    /// Drops the hub's ends of these queues.
    fn disconnect(&mut self, connections: &[(usize, Arc<Shared>)], reason: CloseReason) {
        for (slot, shared) in connections {
            if let Some(outlet) = self.remove(*slot, shared) {
                outlet.close(reason);
            }
        }
    }

    /// Takes a connection out; with the last one its person goes.
    fn remove(&mut self, slot: usize, shared: &Arc<Shared>) -> Option<ConnectionSender> {
        // If it is out already, another person may have the place by now; the connection is not one of theirs.
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

    /// Takes whoever is at this position out of the list of a room; the last of the list gets the position.
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
