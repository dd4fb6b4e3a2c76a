mod model;

use super::*;
use bytes::Bytes;
use uuid::Uuid;

fn person(n: usize) -> UserId {
    UserId(Uuid::from_u128(n as u128))
}

fn room(n: usize) -> RoomId {
    RoomId(Uuid::from_u128(n as u128))
}

fn frame(position: i64, bytes: Bytes) -> Burst {
    [Frame { position: Some(position), bytes }].into()
}

/// As many as there are numbers, all in one room.
fn crowd(hub: &Arc<Hub>, room: RoomId, people: std::ops::Range<usize>) -> Vec<Inlet> {
    let listen = |n| {
        let inlet = hub.attach(person(n), SessionId(Uuid::nil()));
        hub.enter(&inlet, vec![room]);
        inlet
    };
    people.map(listen).collect()
}

fn is_empty(hub: &Hub) -> bool {
    let state = hub.state();
    state.rooms.is_empty() && state.people.is_empty() && state.places.is_empty()
}

#[test]
fn those_who_stay_are_told_whoever_goes() {
    let (hub, room) = (Arc::new(Hub::default()), room(0));
    let mut stay: Vec<_> = (0..20).zip(crowd(&hub, room, 0..20)).collect();
    // Two listeners of one person go out of the room together; others go in any order.
    stay.push((7, hub.attach(person(7), SessionId(Uuid::nil()))));
    hub.leave(room, person(7));
    hub.leave(room, person(19));
    for n in [0, 3, 12, 0, 10] {
        drop(stay.swap_remove(n));
    }
    hub.tell_room(room, &frame(1, Bytes::new()));
    for (n, inlet) in &mut stay {
        let is_in = ![7, 19].contains(n);
        assert_eq!(!inlet.waiting().is_empty(), is_in, "{n}");
    }
    stay.clear();
    assert!(is_empty(&hub));
}

#[test]
fn everyone_is_listed_once_and_in_order() {
    let hub = Arc::new(Hub::default());
    let here = crowd(&hub, room(0), 0..PAGE * 2);
    hub.set_elsewhere((PAGE..PAGE * 3).map(person).collect());
    assert_eq!(hub.here(), (0..PAGE * 2).map(person).collect());
    assert_eq!(hub.everyone(), (0..PAGE * 3).map(person).collect());
    assert_eq!((hub.sessions().len(), hub.audience(room(0))), (PAGE * 2, PAGE * 2));
    let page = hub.everyone_after(Some(person(PAGE - 2)), 3);
    assert_eq!(page, [person(PAGE - 1), person(PAGE), person(PAGE + 1)]);
    assert!(hub.everyone_after(Some(person(PAGE * 3 - 1)), 3).is_empty());
    drop(here);
}

/// If each had to be looked for among all, this would take until the test is ended.
#[test]
fn a_great_crowd_goes_at_once() {
    let (hub, room) = (Arc::new(Hub::default()), room(0));
    let gone = crowd(&hub, room, 0..150_000);
    drop(gone);
    let cut_off = crowd(&hub, room, 0..150_000);
    hub.stop();
    assert!(cut_off.iter().all(|inlet| inlet.why() == Closed::Stopping));
    assert!(is_empty(&hub));
}

/// Work is counted in places of the lists: each is written once when a person comes in, and never for a connection.
#[test]
fn a_person_is_in_a_room_once_however_many_connections_they_have() {
    const MANY: usize = 2_000;
    let hub = Arc::new(Hub::default());
    let rooms: Vec<_> = (0..MANY).map(room).collect();
    let places = |hub: &Hub| hub.state().rooms.values().map(Vec::len).sum::<usize>();
    let listen = |_| {
        let inlet = hub.attach(person(0), SessionId(Uuid::nil()));
        hub.enter(&inlet, rooms.clone());
        inlet
    };
    let mut inlets: Vec<_> = (0..MANY).map(listen).collect();
    assert_eq!((places(&hub), hub.audience(room(0))), (MANY, MANY));
    hub.leave(room(0), person(0));
    hub.join(room(MANY), person(0));
    hub.join(room(MANY), person(0));
    assert_eq!((places(&hub), hub.audience(room(0)), hub.audience(room(MANY))), (MANY, 0, MANY));
    // Going in any order, only the last takes the person out.
    while inlets.len() > 1 {
        drop(inlets.swap_remove(inlets.len() / 2));
        assert_eq!(hub.state().rooms.len(), MANY);
    }
    hub.tell_room(room(1), &frame(1, Bytes::new()));
    assert_eq!(inlets[0].waiting().len(), 1);
    drop(inlets);
    assert!(is_empty(&hub));
}

#[test]
fn a_reader_that_is_behind_by_too_many_bytes_or_frames_is_cut_off() {
    let (hub, room) = (Arc::new(Hub::default()), room(0));
    for (length, fit) in [(0, queue::QUEUE_BYTES / queue::FRAME_LEAST), (160 * 1024, 12)] {
        let mut readers = crowd(&hub, room, 0..2);
        let burst = frame(1, vec![0; length].into());
        for told in 1..=fit + 1 {
            hub.tell_room(room, &burst);
            // One of them keeps up, however much there is altogether.
            assert_eq!(readers[0].waiting().len(), 1);
            assert_eq!(hub.audience(room), if told <= fit { 2 } else { 1 }, "{told} of {length} bytes");
        }
        assert_eq!(readers[1].waiting().len(), fit);
        assert_eq!(readers[1].why(), Closed::TooSlow);
    }
}

#[test]
fn what_fits_into_no_queue_is_still_told_to_who_keeps_up() {
    let (hub, room) = (Arc::new(Hub::default()), room(0));
    let mut readers = crowd(&hub, room, 0..1);
    for _ in 0..3 {
        hub.tell_room(room, &frame(1, vec![0; queue::QUEUE_BYTES * 2].into()));
        assert_eq!(readers[0].waiting().len(), 1);
    }
}
