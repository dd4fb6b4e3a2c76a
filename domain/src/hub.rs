//! Who listens where: plain maps with small verbs. Membership here follows the stream of events, so that whoever was
//! shown out of a room gets nothing that happened after.
//!
//! A person is in a room once, and their connections are kept beside the person: a connection that comes or goes costs the
//! same however many rooms its person is in, and a room that is joined or left however many connections they have.

mod queue;

pub use queue::{Burst, Frame, Inlet};

use crate::Closed;
use protocol::id::{RoomId, SessionId, UserId};
use queue::{Outlet, Outlets, Shared};
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
struct Person {
    user: UserId,
    outlets: Outlets,
    /// The rooms they are in, and where in the list of each.
    rooms: HashMap<RoomId, usize>,
    /// Room changes seen while their rooms are being read from the database, to be laid over what is read.
    changes: HashMap<RoomId, bool>,
    known: bool,
}

#[derive(Debug, Default)]
struct State {
    people: Slab<Person>,
    /// Where in the slab each person is; in the order of their ids, in which they are listed.
    places: BTreeMap<UserId, usize>,
    /// Who listens to each room: plain lists of places in the slab, because they are gone through for every message.
    rooms: HashMap<RoomId, Vec<usize>>,
    stopping: bool,
    /// Who listens on other nodes, as far as that is known.
    elsewhere: BTreeSet<UserId>,
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

    /// Adds a listener. It hears its own events at once, and those of rooms after [`Hub::enter`].
    pub fn attach(self: &Arc<Self>, user: UserId, session: SessionId) -> Inlet {
        let (outlet, mut inlet) = queue::queue(self, session);
        let mut state = self.state();
        if state.stopping {
            drop(state);
            outlet.close(Closed::Stopping);
            return inlet;
        }
        // Rooms known from an earlier listener of the same person are right: they follow the stream.
        inlet.place = state.find_or_add(user);
        if let Some(person) = state.people.get_mut(inlet.place) {
            person.outlets.add(outlet);
        }
        drop(state);
        inlet
    }

    /// Whether the rooms of a listening person are not known yet.
    pub fn needs_rooms(&self, user: UserId) -> bool {
        self.state().find(user).is_some_and(|person| !person.known)
    }

    /// Learns the rooms of a person, as read from the database after [`Hub::attach`].
    pub fn enter(&self, inlet: &Inlet, rooms: Vec<RoomId>) {
        let mut state = self.state();
        // Changes were kept only since this listener came; if it was cut off meanwhile, what it read may be stale.
        let person = state.people.get_mut(inlet.place).filter(|person| person.outlets.contains(&inlet.shared));
        let Some(person) = person.filter(|person| !person.known) else { return };
        person.known = true;
        let changes = std::mem::take(&mut person.changes);
        let rooms = rooms.into_iter().filter(|room| changes.get(room) != Some(&false));
        let joined = changes.iter().filter(|(_, is_in)| **is_in).map(|(room, _)| *room);
        for room in rooms.chain(joined) {
            state.add_to_room(room, inlet.place);
        }
    }

    /// Someone came into a room.
    pub fn join(&self, room: RoomId, user: UserId) {
        let mut state = self.state();
        let Some(place) = state.places.get(&user).copied() else { return };
        match state.people.get_mut(place) {
            Some(person) if !person.known => {
                person.changes.insert(room, true);
            }
            _ => state.add_to_room(room, place),
        }
    }

    /// Someone went out of a room.
    pub fn leave(&self, room: RoomId, user: UserId) {
        let mut state = self.state();
        let Some(person) = state.find(user) else { return };
        if !person.known {
            person.changes.insert(room, false);
        }
        if let Some(position) = person.rooms.remove(&room) {
            state.remove_from_room(room, position);
        }
    }

    /// Queues what happened to everyone in a room.
    pub fn tell_room(&self, room: RoomId, burst: &Burst) {
        let size = queue::size(burst);
        let mut state = self.state();
        let Some(audience) = state.rooms.get(&room) else { return };
        let mut slow = Vec::new();
        for place in audience {
            let Some(person) = state.people.get(*place) else { continue };
            for outlet in person.outlets.iter() {
                if !outlet.push(burst, size) {
                    slow.push((*place, outlet.shared.clone()));
                }
            }
        }
        state.cut_off(&slow, Closed::TooSlow);
    }

    /// Queues what happened to every listener of a person.
    pub fn tell(&self, user: UserId, burst: &Burst) {
        let size = queue::size(burst);
        self.cut_off_some(user, Closed::TooSlow, |outlet| !outlet.push(burst, size));
    }

    /// Closes the listeners of a session that is over.
    pub fn end_session(&self, user: UserId, session: SessionId) {
        self.cut_off_some(user, Closed::SessionEnded, |outlet| outlet.session == session);
    }

    fn cut_off_some(&self, user: UserId, why: Closed, which: impl Fn(&Outlet) -> bool) {
        let mut state = self.state();
        let Some(place) = state.places.get(&user).copied() else { return };
        let Some(person) = state.people.get(place) else { return };
        let some = person.outlets.iter().filter(|outlet| which(outlet));
        let some: Vec<_> = some.map(|outlet| (place, outlet.shared.clone())).collect();
        state.cut_off(&some, why);
    }

    /// Closes every listener, and each new one at once.
    pub fn stop(&self) {
        let mut state = self.state();
        state.stopping = true;
        state.places.clear();
        state.rooms.clear();
        let people = std::mem::take(&mut state.people);
        drop(state);
        for outlet in people.iter().flat_map(|(_, person)| person.outlets.iter()) {
            outlet.close(Closed::Stopping);
        }
    }

    /// The sessions that listen.
    pub fn sessions(&self) -> Vec<SessionId> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let state = self.state();
            let page: Vec<_> = state.places.range(beyond(after)).take(PAGE).collect();
            let people = page.iter().filter_map(|(_, place)| state.people.get(**place));
            all.extend(people.flat_map(|person| person.outlets.iter().map(|outlet| outlet.session)));
            match page.last() {
                Some((user, _)) if page.len() == PAGE => after = Some(**user),
                _ => return all,
            }
        }
    }

    /// Whether a person listens, on any node.
    pub fn is_online(&self, user: UserId) -> bool {
        let state = self.state();
        state.places.contains_key(&user) || state.elsewhere.contains(&user)
    }

    /// Who listens on this node.
    pub fn here(&self) -> BTreeSet<UserId> {
        gather(|after| self.state().places.range(beyond(after)).map(|(user, _)| *user).take(PAGE).collect())
    }

    /// Who listens on any node.
    pub fn everyone(&self) -> BTreeSet<UserId> {
        gather(|after| self.everyone_after(after, PAGE))
    }

    /// The first of those who listen on any node, in the order of their ids and after one of them.
    pub fn everyone_after(&self, after: Option<UserId>, limit: usize) -> Vec<UserId> {
        let state = self.state();
        let here = state.places.range(beyond(after)).map(|(user, _)| *user).take(limit);
        let there = state.elsewhere.range(beyond(after)).copied().take(limit);
        let mut first: Vec<_> = here.chain(there).collect();
        drop(state);
        first.sort_unstable();
        first.dedup();
        first.truncate(limit);
        first
    }

    /// Learns who listens on other nodes.
    pub fn set_elsewhere(&self, people: BTreeSet<UserId>) {
        let before = std::mem::replace(&mut self.state().elsewhere, people);
        // Freed when others can go on.
        drop(before);
    }

    /// How many connections listen to a room.
    pub fn audience(&self, room: RoomId) -> usize {
        let state = self.state();
        let people = state.rooms.get(&room).into_iter().flatten().filter_map(|place| state.people.get(*place));
        people.map(|person| person.outlets.iter().len()).sum()
    }

    fn detach(&self, place: usize, shared: &Arc<Shared>) {
        let gone = self.state().remove(place, shared);
        drop(gone);
    }
}

/// Those after someone.
fn beyond(after: Option<UserId>) -> (Bound<UserId>, Bound<UserId>) {
    (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)
}

/// All there are, page by page: between two, others have their turn.
fn gather(page: impl Fn(Option<UserId>) -> Vec<UserId>) -> BTreeSet<UserId> {
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
    fn find(&mut self, user: UserId) -> Option<&mut Person> {
        self.places.get(&user).and_then(|place| self.people.get_mut(*place))
    }

    /// Where a person is kept.
    fn find_or_add(&mut self, user: UserId) -> usize {
        *self.places.entry(user).or_insert_with(|| {
            self.people.insert(Person {
                user,
                outlets: Outlets::default(),
                rooms: HashMap::new(),
                changes: HashMap::new(),
                known: false,
            })
        })
    }

    /// Drops the hub's ends of these queues.
    fn cut_off(&mut self, connections: &[(usize, Arc<Shared>)], why: Closed) {
        for (place, shared) in connections {
            if let Some(outlet) = self.remove(*place, shared) {
                outlet.close(why);
            }
        }
    }

    /// Takes a connection out; with the last one its person goes.
    fn remove(&mut self, place: usize, shared: &Arc<Shared>) -> Option<Outlet> {
        // If it is out already, another person may have the place by now; the connection is not one of theirs.
        let person = self.people.get_mut(place)?;
        let outlet = person.outlets.remove(shared)?;
        if person.outlets.iter().len() == 0 {
            let person = self.people.remove(place);
            self.places.remove(&person.user);
            for (room, position) in person.rooms {
                self.remove_from_room(room, position);
            }
        }
        Some(outlet)
    }

    fn add_to_room(&mut self, room: RoomId, place: usize) {
        let Some(person) = self.people.get_mut(place) else { return };
        if let Entry::Vacant(entry) = person.rooms.entry(room) {
            let audience = self.rooms.entry(room).or_default();
            entry.insert(audience.len());
            audience.push(place);
        }
    }

    /// Takes whoever is at this position out of the list of a room; the last of the list gets the position.
    fn remove_from_room(&mut self, room: RoomId, position: usize) {
        let Some(audience) = self.rooms.get_mut(&room) else { return };
        audience.swap_remove(position);
        if let Some(moved) = audience.get(position).and_then(|place| self.people.get_mut(*place)) {
            moved.rooms.insert(room, position);
        }
        if audience.is_empty() {
            self.rooms.remove(&room);
        }
    }
}

#[cfg(test)]
mod tests;
