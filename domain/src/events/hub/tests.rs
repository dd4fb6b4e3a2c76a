mod model;

use crate::events::hub::*;
use uuid::Uuid;

fn user_id(n: usize) -> UserId {
    UserId(Uuid::from_u128(n as u128))
}

fn room(n: usize) -> RoomId {
    RoomId(Uuid::from_u128(n as u128))
}

/// An event of this many bytes.
fn frame(position: i64, size: usize) -> Arc<Frames> {
    let mut writer = FrameWriter::default();
    writer.push_size(Some(position), size);
    writer.take().unwrap()
}

/// Subscribes one connection for each user in the range, all in one room.
fn subscribe_all(hub: &Arc<Hub>, room: RoomId, users: std::ops::Range<usize>) -> Vec<ConnectionReceiver> {
    let listen = |n| {
        let receiver = hub.subscribe(user_id(n), SessionId(Uuid::nil()));
        hub.set_rooms(&receiver, vec![room]);
        receiver
    };
    users.map(listen).collect()
}

fn is_empty(hub: &Hub) -> bool {
    let state = hub.state();
    state.rooms.is_empty() && state.subscribers.is_empty() && state.slots.is_empty()
}

#[test]
fn remaining_subscribers_receive_frames_after_others_leave() {
    let (hub, room) = (Arc::new(Hub::default()), room(0));
    let mut stay: Vec<_> = (0..20).zip(subscribe_all(&hub, room, 0..20)).collect();
    // Two connections of one user leave the room together; the others close in any order.
    stay.push((7, hub.subscribe(user_id(7), SessionId(Uuid::nil()))));
    hub.leave(room, user_id(7));
    hub.leave(room, user_id(19));
    for n in [0, 3, 12, 0, 10] {
        drop(stay.swap_remove(n));
    }
    hub.publish_to_room(room, &frame(1, 0));
    for (n, receiver) in &mut stay {
        let is_in = ![7, 19].contains(n);
        assert_eq!(!receiver.drain().is_empty(), is_in, "{n}");
    }
    stay.clear();
    assert!(is_empty(&hub));
}

#[test]
fn online_users_are_listed_once_and_in_order() {
    let hub = Arc::new(Hub::default());
    let receivers = subscribe_all(&hub, room(0), 0..PAGE * 2);
    let online = |range: std::ops::Range<usize>| range.map(|n| (user_id(n), Presence::Online)).collect();
    hub.set_presences_elsewhere(online(PAGE..PAGE * 3));
    assert_eq!(hub.presences_here(), online(0..PAGE * 2));
    assert_eq!(hub.presences(), online(0..PAGE * 3));
    assert_eq!((hub.sessions().len(), hub.connection_count(room(0))), (PAGE * 2, PAGE * 2));
    let page = hub.presences_after(Some(user_id(PAGE - 2)), 3);
    assert_eq!(page, [PAGE - 1, PAGE, PAGE + 1].map(|n| (user_id(n), Presence::Online)));
    assert!(hub.presences_after(Some(user_id(PAGE * 3 - 1)), 3).is_empty());
    drop(receivers);
}

/// With a linear search for each connection, this would exceed the test's timeout.
#[test]
fn many_connections_close_in_linear_time() {
    let (hub, room) = (Arc::new(Hub::default()), room(0));
    let receivers = subscribe_all(&hub, room, 0..150_000);
    drop(receivers);
    let receivers = subscribe_all(&hub, room, 0..150_000);
    hub.stop();
    assert!(receivers.iter().all(|receiver| receiver.close_reason() == CloseReason::Stopping));
    assert!(is_empty(&hub));
}

/// Cost is counted in list entries: each is written once when a user joins, and never for a connection.
#[test]
fn a_user_is_in_a_room_once_for_all_connections() {
    const MANY: usize = 2_000;
    let hub = Arc::new(Hub::default());
    let rooms: Vec<_> = (0..MANY).map(room).collect();
    let entries = |hub: &Hub| hub.state().rooms.values().map(Vec::len).sum::<usize>();
    let listen = |_| {
        let receiver = hub.subscribe(user_id(0), SessionId(Uuid::nil()));
        hub.set_rooms(&receiver, rooms.clone());
        receiver
    };
    let mut receivers: Vec<_> = (0..MANY).map(listen).collect();
    assert_eq!((entries(&hub), hub.connection_count(room(0))), (MANY, MANY));
    hub.leave(room(0), user_id(0));
    hub.join(room(MANY), user_id(0));
    hub.join(room(MANY), user_id(0));
    assert_eq!((entries(&hub), hub.connection_count(room(0)), hub.connection_count(room(MANY))), (MANY, 0, MANY));
    // Connections close in any order; only the last removes the user.
    while receivers.len() > 1 {
        drop(receivers.swap_remove(receivers.len() / 2));
        assert_eq!(hub.state().rooms.len(), MANY);
    }
    hub.publish_to_room(room(1), &frame(1, 0));
    assert_eq!(receivers[0].drain().len(), 1);
    drop(receivers);
    assert!(is_empty(&hub));
}

#[test]
fn a_slow_connection_is_disconnected() {
    let (hub, room) = (Arc::new(Hub::default()), room(0));
    for (length, fit) in [(0, queue::QUEUE_BYTES / queue::MIN_FRAME_BYTES), (160 * 1024, 12)] {
        let mut readers = subscribe_all(&hub, room, 0..2);
        let frames = frame(1, length);
        for sent in 1..=fit + 1 {
            hub.publish_to_room(room, &frames);
            // This reader drains its queue, so the total number of bytes does not disconnect it.
            assert_eq!(readers[0].drain().len(), 1);
            assert_eq!(hub.connection_count(room), if sent <= fit { 2 } else { 1 }, "{sent} of {length} bytes");
        }
        assert_eq!(readers[1].drain().len(), fit);
        assert_eq!(readers[1].close_reason(), CloseReason::TooSlow);
    }
}

#[test]
fn frames_larger_than_the_queue_reach_an_empty_queue() {
    let (hub, room) = (Arc::new(Hub::default()), room(0));
    let mut readers = subscribe_all(&hub, room, 0..1);
    for _ in 0..3 {
        hub.publish_to_room(room, &frame(1, queue::QUEUE_BYTES * 2));
        assert_eq!(readers[0].drain().len(), 1);
    }
}
