//! The hub against the simplest thing that does the same: lists that are gone through from beginning to end.

use super::*;
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};

const PEOPLE: usize = 4;
const ROOMS: usize = 4;
const SESSIONS: usize = 2;

#[derive(Clone, Debug)]
enum Step {
    Attach(usize, usize),
    /// Which of the open connections, as far as there are any.
    Enter(prop::sample::Index, Vec<usize>),
    Join(usize, usize),
    Leave(usize, usize),
    Detach(prop::sample::Index),
    Read(prop::sample::Index),
    EndSession(usize, usize),
    TellRoom(usize, usize),
    Tell(usize, usize),
    Stop,
}

/// Sizes of bursts: some of them fill a queue.
const BYTES: [usize; 4] = [0, 5_000, queue::QUEUE_BYTES / 2, queue::QUEUE_BYTES * 2];

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        30 => (0..PEOPLE, 0..SESSIONS).prop_map(|(who, session)| Step::Attach(who, session)),
        30 => (index(), prop::collection::vec(0..ROOMS, 0..6)).prop_map(|(which, rooms)| Step::Enter(which, rooms)),
        20 => (0..ROOMS, 0..PEOPLE).prop_map(|(room, who)| Step::Join(room, who)),
        15 => (0..ROOMS, 0..PEOPLE).prop_map(|(room, who)| Step::Leave(room, who)),
        20 => index().prop_map(Step::Detach),
        15 => index().prop_map(Step::Read),
        5 => (0..PEOPLE, 0..SESSIONS).prop_map(|(who, session)| Step::EndSession(who, session)),
        40 => (0..ROOMS, 0..BYTES.len()).prop_map(|(room, size)| Step::TellRoom(room, size)),
        20 => (0..PEOPLE, 0..BYTES.len()).prop_map(|(who, size)| Step::Tell(who, size)),
        1 => Just(Step::Stop),
    ]
}

/// One connection, as it should be.
struct Expected {
    who: usize,
    session: usize,
    /// Nothing while it is open.
    why: Option<Closed>,
    waiting: Vec<i64>,
    bytes: usize,
}

#[derive(Default)]
struct Model {
    connections: Vec<Expected>,
    /// The rooms of those who listen, once they are known.
    rooms: HashMap<usize, HashSet<usize>>,
    changes: HashMap<usize, HashMap<usize, bool>>,
    stopping: bool,
}

impl Model {
    fn listens(&self, who: usize) -> bool {
        self.connections.iter().any(|one| one.who == who && one.why.is_none())
    }

    fn change(&mut self, who: usize, room: usize, is_in: bool) {
        if !self.listens(who) {
            return;
        }
        match self.rooms.get_mut(&who) {
            Some(rooms) if is_in => _ = rooms.insert(room),
            Some(rooms) => _ = rooms.remove(&room),
            None => _ = self.changes.entry(who).or_default().insert(room, is_in),
        }
    }

    fn enter(&mut self, which: usize, rooms: &[usize]) {
        let one = &self.connections[which];
        if one.why.is_some() || self.rooms.contains_key(&one.who) {
            return;
        }
        let mut rooms: HashSet<usize> = rooms.iter().copied().collect();
        for (room, is_in) in self.changes.remove(&one.who).unwrap_or_default() {
            if is_in {
                rooms.insert(room)
            } else {
                rooms.remove(&room)
            };
        }
        self.rooms.insert(one.who, rooms);
    }

    fn tell(&mut self, position: i64, size: usize, concerns: impl Fn(usize) -> bool) {
        for one in self.connections.iter_mut().filter(|one| one.why.is_none() && concerns(one.who)) {
            if one.bytes > 0 && one.bytes + size > queue::QUEUE_BYTES {
                one.why = Some(Closed::TooSlow);
            } else {
                one.bytes += size;
                one.waiting.push(position);
            }
        }
    }

    /// Nothing is remembered of who does not listen.
    fn forget(&mut self) {
        let gone: Vec<_> = (0..PEOPLE).filter(|who| !self.listens(*who)).collect();
        self.rooms.retain(|who, _| !gone.contains(who));
        self.changes.retain(|who, _| !gone.contains(who));
    }
}

fn session(n: usize) -> SessionId {
    SessionId(Uuid::from_u128(n as u128))
}

fn told(inlet: &mut Inlet) -> Vec<i64> {
    inlet.waiting().iter().flat_map(|burst| burst.iter()).filter_map(|frame| frame.position).collect()
}

/// Takes one step in both.
fn take(step: &Step, position: i64, hub: &Arc<Hub>, inlets: &mut Vec<Inlet>, model: &mut Model) {
    static ZEROS: [u8; queue::QUEUE_BYTES * 2] = [0; queue::QUEUE_BYTES * 2];
    let burst = |size: usize| frame(position, Bytes::from_static(&ZEROS[..BYTES[size]]));
    let weight = |size: usize| queue::size(&burst(size));
    let open = inlets.len();
    match step {
        Step::Attach(who, n) => {
            inlets.push(hub.attach(person(*who), session(*n)));
            let why = model.stopping.then_some(Closed::Stopping);
            model.connections.push(Expected { who: *who, session: *n, why, waiting: Vec::new(), bytes: 0 });
        }
        Step::Enter(which, rooms) if open > 0 => {
            let which = which.index(open);
            hub.enter(&inlets[which], rooms.iter().map(|n| room(*n)).collect());
            model.enter(which, rooms);
        }
        Step::Join(n, who) => {
            hub.join(room(*n), person(*who));
            model.change(*who, *n, true);
        }
        Step::Leave(n, who) => {
            hub.leave(room(*n), person(*who));
            model.change(*who, *n, false);
        }
        Step::Detach(which) if open > 0 => {
            let which = which.index(open);
            drop(inlets.swap_remove(which));
            model.connections.swap_remove(which);
        }
        Step::Read(which) if open > 0 => {
            let which = which.index(open);
            let expected = std::mem::take(&mut model.connections[which].waiting);
            assert_eq!(told(&mut inlets[which]), expected);
            model.connections[which].bytes = 0;
        }
        Step::EndSession(who, n) => {
            hub.end_session(person(*who), session(*n));
            let over = model.connections.iter_mut().filter(|one| one.who == *who && one.session == *n);
            over.for_each(|one| one.why = one.why.or(Some(Closed::SessionEnded)));
        }
        Step::TellRoom(n, size) => {
            hub.tell_room(room(*n), &burst(*size));
            let rooms = model.rooms.clone();
            model.tell(position, weight(*size), |who| rooms.get(&who).is_some_and(|rooms| rooms.contains(n)));
        }
        Step::Tell(who, size) => {
            hub.tell(person(*who), &burst(*size));
            model.tell(position, weight(*size), |one| one == *who);
        }
        Step::Stop => {
            hub.stop();
            model.stopping = true;
            model.connections.iter_mut().for_each(|one| one.why = one.why.or(Some(Closed::Stopping)));
        }
        Step::Enter(..) | Step::Detach(_) | Step::Read(_) => {}
    }
    model.forget();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn everyone_is_told_what_the_simplest_hub_would_tell_them(steps in prop::collection::vec(step(), 1..120)) {
        let (hub, mut inlets, mut model) = (Arc::new(Hub::default()), Vec::new(), Model::default());
        for (step, position) in steps.iter().zip(1..) {
            take(step, position, &hub, &mut inlets, &mut model);
            for who in 0..PEOPLE {
                prop_assert_eq!(hub.is_online(person(who)), model.listens(who));
                prop_assert_eq!(hub.needs_rooms(person(who)), model.listens(who) && !model.rooms.contains_key(&who));
            }
        }
        for (inlet, expected) in inlets.iter_mut().zip(&model.connections) {
            prop_assert_eq!(told(inlet), expected.waiting.clone());
            prop_assert_eq!(inlet.why(), expected.why.unwrap_or(Closed::Failed));
        }
        drop(inlets);
        prop_assert!(is_empty(&hub));
    }
}
