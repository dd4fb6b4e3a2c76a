use super::*;
use uuid::Uuid;

fn person(n: usize) -> UserId {
    UserId(Uuid::from_u128(n as u128))
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

#[test]
fn those_who_stay_are_told_whoever_goes() {
    let (hub, room) = (Arc::new(Hub::default()), RoomId(Uuid::nil()));
    let mut stay = crowd(&hub, room, 0..20);
    // Two listeners of one person go out of the room together; others go in any order.
    stay.push(hub.attach(person(7), SessionId(Uuid::nil())));
    hub.leave(room, person(7));
    hub.leave(room, person(19));
    for n in [0, 3, 12, 0, 10] {
        drop(stay.swap_remove(n));
    }
    hub.tell_room(room, &[Frame { position: Some(1), bytes: Bytes::new() }].into());
    for inlet in &mut stay {
        let is_in = ![7, 19].map(person).contains(&inlet.user);
        assert_eq!(inlet.bursts.try_recv().is_ok(), is_in, "{:?}", inlet.user);
    }
    stay.clear();
    assert!(hub.state().rooms.is_empty() && hub.state().people.is_empty());
}

#[test]
fn everyone_is_listed_once_and_in_order() {
    let (hub, room) = (Arc::new(Hub::default()), RoomId(Uuid::nil()));
    let here = crowd(&hub, room, 0..PAGE * 2);
    hub.set_elsewhere((PAGE..PAGE * 3).map(person).collect());
    assert_eq!(hub.here(), (0..PAGE * 2).map(person).collect());
    assert_eq!(hub.everyone(), (0..PAGE * 3).map(person).collect());
    let page = hub.everyone_after(Some(person(PAGE - 2)), 3);
    assert_eq!(page, [person(PAGE - 1), person(PAGE), person(PAGE + 1)]);
    assert!(hub.everyone_after(Some(person(PAGE * 3 - 1)), 3).is_empty());
    drop(here);
}

/// If each had to be looked for among all, this would take until the test is ended.
#[test]
fn a_great_crowd_goes_at_once() {
    let (hub, room) = (Arc::new(Hub::default()), RoomId(Uuid::nil()));
    let gone = crowd(&hub, room, 0..150_000);
    drop(gone);
    let cut_off = crowd(&hub, room, 0..150_000);
    hub.stop();
    assert!(cut_off.iter().all(|inlet| inlet.why() == Closed::Stopping));
    assert!(hub.state().rooms.is_empty() && hub.state().people.is_empty());
}
