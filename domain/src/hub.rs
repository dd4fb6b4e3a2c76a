//! Who listens where: plain maps with small verbs. Membership here follows the stream of events, so that whoever was
//! shown out of a room gets nothing that happened after.

use crate::Closed;
use bytes::Bytes;
use protocol::id::{RoomId, SessionId, UserId};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Bound,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::mpsc;

/// Frames that wait for one listener; with more it is cut off to resume by its cursor. Several batches of the ledger fit.
const QUEUE: usize = 4096;

/// People listed in one turn, during which nobody is told anything.
const PAGE: usize = 1024;

/// One event on its way to one listener; the bytes are shared by all. What only passes by, such as who comes and goes, has
/// no position in the stream.
#[derive(Clone, Debug)]
pub struct Frame {
    pub position: Option<i64>,
    pub bytes: Bytes,
}

/// Events that follow each other and have the same audience: queued to each listener as one thing.
pub type Burst = Arc<[Frame]>;

/// The end of a queue that the hub writes to. Its bound is in frames, so it is kept beside the queue.
#[derive(Debug)]
struct Outlet {
    id: u64,
    user: UserId,
    session: SessionId,
    bursts: mpsc::UnboundedSender<Burst>,
    waiting: Arc<AtomicUsize>,
    why: Arc<OnceLock<Closed>>,
}

/// The end of a queue that a listener reads from; dropping it tells the hub.
#[derive(Debug)]
pub struct Inlet {
    id: u64,
    user: UserId,
    hub: Arc<Hub>,
    bursts: mpsc::UnboundedReceiver<Burst>,
    waiting: Arc<AtomicUsize>,
    why: Arc<OnceLock<Closed>>,
}

impl Inlet {
    /// Waits for bursts and appends up to `limit` of them; 0 when no more come. When the caller stops waiting nothing is
    /// lost.
    pub async fn receive(&mut self, bursts: &mut Vec<Burst>, limit: usize) -> usize {
        let before = bursts.len();
        let count = self.bursts.recv_many(bursts, limit).await;
        let frames = bursts.iter().skip(before).map(|burst| burst.len()).sum();
        self.waiting.fetch_sub(frames, Ordering::Relaxed);
        count
    }

    /// Why no more frames come.
    pub fn why(&self) -> Closed {
        self.why.get().copied().unwrap_or(Closed::Failed)
    }
}

impl Drop for Inlet {
    fn drop(&mut self) {
        self.hub.detach(self.id, self.user);
    }
}

/// What the hub knows of one person who listens.
#[derive(Debug, Default)]
struct Person {
    outlets: Vec<Arc<Outlet>>,
    rooms: Vec<RoomId>,
    /// Room changes seen while their rooms are being read from the database, to be laid over what is read.
    changes: HashMap<RoomId, bool>,
    known: bool,
}

/// Who listens to one room: a plain list, because it is gone through for every message, and where in it each is, so that
/// going out of a crowd costs no more than going out of an empty room.
#[derive(Debug, Default)]
struct Audience {
    outlets: Vec<Arc<Outlet>>,
    places: HashMap<u64, usize>,
}

impl Audience {
    fn add(&mut self, outlet: Arc<Outlet>) {
        let place = self.places.insert(outlet.id, self.outlets.len());
        debug_assert!(place.is_none(), "a listener is in a room once");
        self.outlets.push(outlet);
    }

    fn remove(&mut self, id: u64) {
        let Some(place) = self.places.remove(&id) else { return };
        self.outlets.swap_remove(place);
        if let Some(moved) = self.outlets.get(place) {
            self.places.insert(moved.id, place);
        }
    }
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    /// In the order of their ids, in which they are listed.
    people: BTreeMap<UserId, Person>,
    rooms: HashMap<RoomId, Audience>,
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
        let (sender, receiver) = mpsc::unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let why = Arc::new(OnceLock::new());
        let mut state = self.state();
        state.next += 1;
        let id = state.next;
        let outlet = Arc::new(Outlet { id, user, session, bursts: sender, waiting: waiting.clone(), why: why.clone() });
        if state.stopping {
            let _ = why.set(Closed::Stopping);
        } else {
            let person = state.people.entry(user).or_default();
            person.outlets.push(outlet.clone());
            // Rooms known from an earlier listener of the same person are right: they follow the stream.
            for room in person.rooms.clone() {
                state.rooms.entry(room).or_default().add(outlet.clone());
            }
        }
        Inlet { id, user, hub: self.clone(), bursts: receiver, waiting, why }
    }

    /// Whether the rooms of a listening person are not known yet.
    pub fn needs_rooms(&self, user: UserId) -> bool {
        self.state().people.get(&user).is_some_and(|person| !person.known)
    }

    /// Learns the rooms of a person, as read from the database after [`Hub::attach`].
    pub fn enter(&self, inlet: &Inlet, rooms: Vec<RoomId>) {
        let mut state = self.state();
        let Some(person) = state.people.get_mut(&inlet.user).filter(|person| !person.known) else { return };
        // Changes were kept only since this listener came; if it was cut off meanwhile, what it read may be stale.
        if !person.outlets.iter().any(|outlet| outlet.id == inlet.id) {
            return;
        }
        person.known = true;
        let changes = std::mem::take(&mut person.changes);
        let mut rooms: Vec<RoomId> = rooms.into_iter().filter(|room| changes.get(room) != Some(&false)).collect();
        rooms.extend(changes.iter().filter(|(_, is_in)| **is_in).map(|(room, _)| *room));
        rooms.sort_unstable();
        rooms.dedup();
        person.rooms.clone_from(&rooms);
        let outlets = person.outlets.clone();
        for room in rooms {
            state.add_to_room(room, &outlets);
        }
    }

    /// Someone came into a room.
    pub fn join(&self, room: RoomId, user: UserId) {
        let mut state = self.state();
        let Some(person) = state.people.get_mut(&user) else { return };
        if !person.known {
            person.changes.insert(room, true);
        } else if !person.rooms.contains(&room) {
            person.rooms.push(room);
            let outlets = person.outlets.clone();
            state.add_to_room(room, &outlets);
        }
    }

    /// Someone went out of a room.
    pub fn leave(&self, room: RoomId, user: UserId) {
        let mut state = self.state();
        let Some(person) = state.people.get_mut(&user) else { return };
        if !person.known {
            person.changes.insert(room, false);
        }
        person.rooms.retain(|r| *r != room);
        let outlets = person.outlets.clone();
        state.remove_from_room(room, &outlets);
    }

    /// Queues what happened to everyone in a room.
    pub fn tell_room(&self, room: RoomId, burst: &Burst) {
        let mut state = self.state();
        let Some(audience) = state.rooms.get(&room) else { return };
        let slow: Vec<_> = audience.outlets.iter().filter(|outlet| !outlet.push(burst)).cloned().collect();
        state.cut_off(&slow, Closed::TooSlow);
    }

    /// Queues what happened to every listener of a person.
    pub fn tell(&self, user: UserId, burst: &Burst) {
        let mut state = self.state();
        let Some(person) = state.people.get(&user) else { return };
        let slow: Vec<_> = person.outlets.iter().filter(|outlet| !outlet.push(burst)).cloned().collect();
        state.cut_off(&slow, Closed::TooSlow);
    }

    /// Closes the listeners of a session that is over.
    pub fn end_session(&self, user: UserId, session: SessionId) {
        let mut state = self.state();
        let Some(person) = state.people.get(&user) else { return };
        let over: Vec<_> = person.outlets.iter().filter(|outlet| outlet.session == session).cloned().collect();
        state.cut_off(&over, Closed::SessionEnded);
    }

    /// Closes every listener, and each new one at once.
    pub fn stop(&self) {
        let mut state = self.state();
        state.stopping = true;
        let all: Vec<_> = state.people.values().flat_map(|person| person.outlets.clone()).collect();
        state.cut_off(&all, Closed::Stopping);
    }

    /// The sessions that listen.
    pub fn sessions(&self) -> Vec<SessionId> {
        self.state().people.values().flat_map(|person| person.outlets.iter().map(|outlet| outlet.session)).collect()
    }

    /// Whether a person listens, on any node.
    pub fn is_online(&self, user: UserId) -> bool {
        let state = self.state();
        state.people.contains_key(&user) || state.elsewhere.contains(&user)
    }

    /// Who listens on this node.
    pub fn here(&self) -> BTreeSet<UserId> {
        gather(|after| self.state().people.range(beyond(after)).map(|(user, _)| *user).take(PAGE).collect())
    }

    /// Who listens on any node.
    pub fn everyone(&self) -> BTreeSet<UserId> {
        gather(|after| self.everyone_after(after, PAGE))
    }

    /// The first of those who listen on any node, in the order of their ids and after one of them.
    pub fn everyone_after(&self, after: Option<UserId>, limit: usize) -> Vec<UserId> {
        let state = self.state();
        let here = state.people.range(beyond(after)).map(|(user, _)| *user).take(limit);
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
        self.state().elsewhere = people;
    }

    /// How many listen to a room.
    pub fn audience(&self, room: RoomId) -> usize {
        self.state().rooms.get(&room).map_or(0, |audience| audience.outlets.len())
    }

    fn detach(&self, id: u64, user: UserId) {
        self.state().remove(id, user);
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

impl Outlet {
    /// False when the listener is too slow. One that is gone is removed by its own end.
    fn push(&self, burst: &Burst) -> bool {
        if self.waiting.fetch_add(burst.len(), Ordering::Relaxed) + burst.len() > QUEUE {
            return false;
        }
        let _ = self.bursts.send(burst.clone());
        true
    }
}

impl State {
    /// Drops the hub's ends of these queues: their listeners read what is queued, and then why.
    fn cut_off(&mut self, outlets: &[Arc<Outlet>], why: Closed) {
        for outlet in outlets {
            let _ = outlet.why.set(why);
            self.remove(outlet.id, outlet.user);
        }
    }

    fn remove(&mut self, id: u64, user: UserId) {
        let Some(person) = self.people.get_mut(&user) else { return };
        let Some(place) = person.outlets.iter().position(|outlet| outlet.id == id) else { return };
        let outlet = person.outlets.swap_remove(place);
        let rooms = if person.outlets.is_empty() {
            self.people.remove(&user).map(|person| person.rooms).unwrap_or_default()
        } else {
            person.rooms.clone()
        };
        for room in rooms {
            self.remove_from_room(room, std::slice::from_ref(&outlet));
        }
    }

    fn add_to_room(&mut self, room: RoomId, outlets: &[Arc<Outlet>]) {
        let audience = self.rooms.entry(room).or_default();
        for outlet in outlets {
            audience.add(outlet.clone());
        }
    }

    fn remove_from_room(&mut self, room: RoomId, outlets: &[Arc<Outlet>]) {
        if let Some(audience) = self.rooms.get_mut(&room) {
            for outlet in outlets {
                audience.remove(outlet.id);
            }
            if audience.outlets.is_empty() {
                self.rooms.remove(&room);
            }
        }
    }
}

#[cfg(test)]
mod tests;
