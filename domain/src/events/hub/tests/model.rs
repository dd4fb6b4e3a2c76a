//! Tests the hub against a naive model: plain lists with linear search.

use crate::events::hub::tests::*;
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};

const USERS: usize = 4;
const ROOMS: usize = 4;
const SESSIONS: usize = 2;

#[derive(Clone, Debug)]
enum Step {
    Subscribe(usize, usize),
    /// Index into the open connections, if there are any.
    SetRooms(prop::sample::Index, Vec<usize>),
    Join(usize, usize),
    Leave(usize, usize),
    Unsubscribe(prop::sample::Index),
    Read(prop::sample::Index),
    EndSession(usize, usize),
    PublishToRoom(usize, usize),
    PublishToUser(usize, usize),
    Stop,
}

/// Sizes of frames: some of them fill a queue.
const BYTES: [usize; 4] = [0, 5_000, queue::QUEUE_BYTES / 2, queue::QUEUE_BYTES * 2];

fn step() -> impl Strategy<Value = Step> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        30 => (0..USERS, 0..SESSIONS).prop_map(|(user, session)| Step::Subscribe(user, session)),
        30 => (index(), prop::collection::vec(0..ROOMS, 0..6)).prop_map(|(which, rooms)| Step::SetRooms(which, rooms)),
        20 => (0..ROOMS, 0..USERS).prop_map(|(room, user)| Step::Join(room, user)),
        15 => (0..ROOMS, 0..USERS).prop_map(|(room, user)| Step::Leave(room, user)),
        20 => index().prop_map(Step::Unsubscribe),
        15 => index().prop_map(Step::Read),
        5 => (0..USERS, 0..SESSIONS).prop_map(|(user, session)| Step::EndSession(user, session)),
        40 => (0..ROOMS, 0..BYTES.len()).prop_map(|(room, size)| Step::PublishToRoom(room, size)),
        20 => (0..USERS, 0..BYTES.len()).prop_map(|(user, size)| Step::PublishToUser(user, size)),
        1 => Just(Step::Stop),
    ]
}

/// Expected state of one connection.
struct Expected {
    user: usize,
    session: usize,
    /// `None` while it is open.
    close_reason: Option<CloseReason>,
    queued: Vec<i64>,
    bytes: usize,
}

#[derive(Default)]
struct Model {
    connections: Vec<Expected>,
    /// Rooms of the subscribed users, once they are loaded.
    rooms: HashMap<usize, HashSet<usize>>,
    changes: HashMap<usize, HashMap<usize, bool>>,
    stopping: bool,
}

impl Model {
    fn is_subscribed(&self, user: usize) -> bool {
        self.connections.iter().any(|one| one.user == user && one.close_reason.is_none())
    }

    fn set_membership(&mut self, user: usize, room: usize, is_in: bool) {
        if !self.is_subscribed(user) {
            return;
        }
        match self.rooms.get_mut(&user) {
            Some(rooms) if is_in => _ = rooms.insert(room),
            Some(rooms) => _ = rooms.remove(&room),
            None => _ = self.changes.entry(user).or_default().insert(room, is_in),
        }
    }

    fn set_rooms(&mut self, which: usize, rooms: &[usize]) {
        let connection = &self.connections[which];
        if connection.close_reason.is_some() || self.rooms.contains_key(&connection.user) {
            return;
        }
        let mut rooms: HashSet<usize> = rooms.iter().copied().collect();
        for (room, is_in) in self.changes.remove(&connection.user).unwrap_or_default() {
            if is_in {
                rooms.insert(room)
            } else {
                rooms.remove(&room)
            };
        }
        self.rooms.insert(connection.user, rooms);
    }

    fn publish(&mut self, position: i64, size: usize, is_recipient: impl Fn(usize) -> bool) {
        for connection in self.connections.iter_mut().filter(|one| one.close_reason.is_none() && is_recipient(one.user))
        {
            if connection.bytes > 0 && connection.bytes + size > queue::QUEUE_BYTES {
                connection.close_reason = Some(CloseReason::TooSlow);
            } else {
                connection.bytes += size;
                connection.queued.push(position);
            }
        }
    }

    /// Drops the state of users without a connection.
    fn forget_unsubscribed(&mut self) {
        let unsubscribed: Vec<_> = (0..USERS).filter(|user| !self.is_subscribed(*user)).collect();
        self.rooms.retain(|user, _| !unsubscribed.contains(user));
        self.changes.retain(|user, _| !unsubscribed.contains(user));
    }
}

fn session(n: usize) -> SessionId {
    SessionId(Uuid::from_u128(n as u128))
}

fn received_positions(receiver: &mut ConnectionReceiver) -> Vec<i64> {
    receiver
        .drain()
        .iter()
        .flat_map(|frames| frames.iter().filter_map(|(position, _)| position).collect::<Vec<_>>())
        .collect()
}

/// Applies one step to the hub and to the model.
fn apply(step: &Step, position: i64, hub: &Arc<Hub>, receivers: &mut Vec<ConnectionReceiver>, model: &mut Model) {
    let frames = |size: usize| frame(position, BYTES[size]);
    let weight = |size: usize| frames(size).size;
    let open = receivers.len();
    match step {
        Step::Subscribe(user, n) => {
            receivers.push(hub.subscribe(user_id(*user), session(*n)));
            let why = model.stopping.then_some(CloseReason::Stopping);
            model.connections.push(Expected {
                user: *user,
                session: *n,
                close_reason: why,
                queued: Vec::new(),
                bytes: 0,
            });
        }
        Step::SetRooms(which, rooms) if open > 0 => {
            let which = which.index(open);
            hub.set_rooms(&receivers[which], rooms.iter().map(|n| room(*n)).collect());
            model.set_rooms(which, rooms);
        }
        Step::Join(n, user) => {
            hub.join(room(*n), user_id(*user));
            model.set_membership(*user, *n, true);
        }
        Step::Leave(n, user) => {
            hub.leave(room(*n), user_id(*user));
            model.set_membership(*user, *n, false);
        }
        Step::Unsubscribe(which) if open > 0 => {
            let which = which.index(open);
            drop(receivers.swap_remove(which));
            model.connections.swap_remove(which);
        }
        Step::Read(which) if open > 0 => {
            let which = which.index(open);
            let expected = std::mem::take(&mut model.connections[which].queued);
            assert_eq!(received_positions(&mut receivers[which]), expected);
            model.connections[which].bytes = 0;
        }
        Step::EndSession(user, n) => {
            hub.end_session(user_id(*user), session(*n));
            let ended = model.connections.iter_mut().filter(|one| one.user == *user && one.session == *n);
            ended.for_each(|one| one.close_reason = one.close_reason.or(Some(CloseReason::SessionEnded)));
        }
        Step::PublishToRoom(n, size) => {
            hub.publish_to_room(room(*n), &frames(*size));
            let rooms = model.rooms.clone();
            model.publish(position, weight(*size), |user| rooms.get(&user).is_some_and(|rooms| rooms.contains(n)));
        }
        Step::PublishToUser(user, size) => {
            hub.publish_to_user(user_id(*user), &frames(*size));
            model.publish(position, weight(*size), |one| one == *user);
        }
        Step::Stop => {
            hub.stop();
            model.stopping = true;
            model
                .connections
                .iter_mut()
                .for_each(|one| one.close_reason = one.close_reason.or(Some(CloseReason::Stopping)));
        }
        Step::SetRooms(..) | Step::Unsubscribe(_) | Step::Read(_) => {}
    }
    model.forget_unsubscribed();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hub_behaves_like_the_model(steps in prop::collection::vec(step(), 1..120)) {
        let (hub, mut receivers, mut model) = (Arc::new(Hub::default()), Vec::new(), Model::default());
        for (step, position) in steps.iter().zip(1..) {
            apply(step, position, &hub, &mut receivers, &mut model);
            for user in 0..USERS {
                let is_online = hub.presence(user_id(user)) == Presence::Online;
                prop_assert_eq!(is_online, model.is_subscribed(user));
                let needs_rooms = model.is_subscribed(user) && !model.rooms.contains_key(&user);
                prop_assert_eq!(hub.needs_rooms(user_id(user)), needs_rooms);
            }
        }
        for (receiver, expected) in receivers.iter_mut().zip(&model.connections) {
            prop_assert_eq!(received_positions(receiver), expected.queued.clone());
            prop_assert_eq!(receiver.close_reason(), expected.close_reason.unwrap_or(CloseReason::Failed));
        }
        drop(receivers);
        prop_assert!(is_empty(&hub));
    }
}
