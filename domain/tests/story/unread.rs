//! What is unread, exactly.

use crate::harness::TestApp;
use protocol::{
    command::{ClearUnread, MarkRead, RestoreUnread},
    error::Code,
    event::{Change, ReadMarker},
    id::RoomId,
    message::Message,
    port::prelude::*,
    room::{Membership, Visibility},
    session::Caller,
    state::room_list::RoomList,
    sync::Snapshot,
};

on_both_databases! {
    deleted_messages_are_not_unread
    messages_of_blocked_users_are_not_unread_until_they_are_unblocked
    a_message_is_marked_unread_until_the_user_reads_or_sends
    marking_unread_never_marks_messages_read
    a_room_or_all_rooms_are_marked_read_and_that_is_undone
    unread_messages_are_counted_up_to_99
    a_client_that_was_away_counts_deleted_messages_right
    the_read_marker_of_a_room_that_was_left_is_not_replayed
    a_stranger_marks_nothing
}

async fn send_messages(app: &TestApp, caller: &Caller, room: RoomId, count: usize) -> Vec<Message> {
    let mut messages = Vec::new();
    for n in 0..count {
        messages.push(app.send_message(caller, room, &format!("message {n}")).await);
    }
    messages
}

/// Ada and Mara, and the Lobby, which both have read up to the seq that is returned.
async fn start(app: &TestApp) -> (Caller, Caller, RoomId, i64) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let lobby = app.lobby(&ada).await;
    for user in [&ada, &mara] {
        app.service.clear_unread(user, ClearUnread::default()).await.unwrap();
    }
    (ada, mara, lobby.id, lobby.head)
}

async fn membership(app: &TestApp, caller: &Caller, room: RoomId) -> Membership {
    let room = app.service.get_room(caller, room).await.unwrap();
    let snapshot = app.service.get_snapshot(caller).await.unwrap();
    assert_eq!(snapshot.rooms.iter().find(|other| other.id == room.id), Some(&room), "one count everywhere");
    let unread = app.service.list_unread(caller).await.unwrap();
    let listed = unread.rooms.iter().find(|other| other.room_id == room.id).map_or(0, |other| other.unread);
    let membership = room.membership.unwrap();
    assert_eq!(listed, membership.unread, "one count everywhere");
    membership
}

async fn unread(app: &TestApp, caller: &Caller, room: RoomId) -> i64 {
    membership(app, caller, room).await.unread
}

/// The read markers that a user was told since a snapshot, and the list of rooms with all events since.
async fn events_since(app: &TestApp, caller: &Caller, before: &Snapshot) -> (Vec<ReadMarker>, RoomList) {
    let (mut list, mut markers) = (RoomList::new(before), Vec::new());
    for event in app.service.poll_events(caller, before.cursor, 0).await.unwrap().items {
        list.apply(&event);
        if let Change::ReadUpdated(marker) = event.change {
            markers.push(marker);
        }
    }
    (markers, list)
}

async fn deleted_messages_are_not_unread(app: TestApp) {
    let (ada, mara, lobby, base) = start(&app).await;
    let messages = send_messages(&app, &ada, lobby, 3).await;
    assert_eq!(unread(&app, &mara, lobby).await, 3);
    app.service.delete_message(&ada, messages[1].id).await.unwrap();
    let mine = membership(&app, &mara, lobby).await;
    assert_eq!((mine.unread, mine.uncounted), (2, vec![base + 2]));
    app.service.mark_read(&mara, lobby, MarkRead { message_id: messages[1].id }).await.unwrap();
    assert_eq!(unread(&app, &mara, lobby).await, 1);
    app.service.delete_message(&ada, messages[0].id).await.unwrap();
    assert_eq!(unread(&app, &mara, lobby).await, 1, "a message that was read");
    app.service.delete_message(&ada, messages[2].id).await.unwrap();
    assert_eq!(unread(&app, &mara, lobby).await, 0);
    assert!(app.service.list_unread(&mara).await.unwrap().rooms.is_empty());
}

async fn messages_of_blocked_users_are_not_unread_until_they_are_unblocked(app: TestApp) {
    let tomas = app.create_user("tomas").await;
    let (ada, mara, lobby, base) = start(&app).await;
    let quiet = app.create_room(&ada, "quiet", Visibility::Public).await.id;
    for user in [&mara, &tomas] {
        app.add_member(&ada, quiet, user).await.unwrap();
    }
    send_messages(&app, &tomas, quiet, 1).await;
    app.service.clear_unread(&mara, ClearUnread::default()).await.unwrap();
    send_messages(&app, &tomas, lobby, 2).await;
    send_messages(&app, &ada, lobby, 1).await;
    let before = app.service.get_snapshot(&mara).await.unwrap();
    app.service.block_user(&mara, tomas.user_id).await.unwrap();
    let (markers, list) = events_since(&app, &mara, &before).await;
    let expected = ReadMarker::new(lobby, base + 3, base, [base + 1, base + 2]);
    assert_eq!(markers, [expected], "of the rooms with unread messages of theirs");
    assert_eq!(unread(&app, &mara, lobby).await, 1);
    assert_eq!(list.room(lobby).unwrap().membership.as_ref().unwrap().unread, 1);
    send_messages(&app, &tomas, lobby, 1).await;
    assert_eq!(unread(&app, &mara, lobby).await, 1);
    assert_eq!(unread(&app, &ada, lobby).await, 1, "for others they count");
    let before = app.service.get_snapshot(&mara).await.unwrap();
    app.service.unblock_user(&mara, tomas.user_id).await.unwrap();
    let (markers, list) = events_since(&app, &mara, &before).await;
    assert_eq!(markers, [ReadMarker::new(lobby, base + 4, base, [])]);
    assert_eq!(list.room(lobby).unwrap().membership.as_ref().unwrap().unread, 4);
    assert_eq!(unread(&app, &mara, lobby).await, 4);
}

async fn a_message_is_marked_unread_until_the_user_reads_or_sends(app: TestApp) {
    let (ada, mara, lobby, base) = start(&app).await;
    let messages = send_messages(&app, &ada, lobby, 2).await;
    send_messages(&app, &mara, lobby, 1).await;
    assert_eq!(unread(&app, &mara, lobby).await, 0);
    let before = app.service.get_snapshot(&mara).await.unwrap();
    let marker = app.service.mark_unread(&mara, messages[1].id).await.unwrap();
    assert_eq!(
        (marker.room_id, marker.read_seq, marker.unread),
        (lobby, base + 1, 2),
        "from there on, below one's own message"
    );
    assert_eq!(events_since(&app, &mara, &before).await.0, std::slice::from_ref(&marker));
    assert_eq!(membership(&app, &mara, lobby).await.marker(lobby), marker);
    app.service.mark_read(&mara, lobby, MarkRead { message_id: messages[1].id }).await.unwrap();
    assert_eq!(unread(&app, &mara, lobby).await, 1);
    app.service.mark_unread(&mara, messages[0].id).await.unwrap();
    assert_eq!(unread(&app, &mara, lobby).await, 3);
    send_messages(&app, &mara, lobby, 1).await;
    assert_eq!(unread(&app, &mara, lobby).await, 0);
}

async fn marking_unread_never_marks_messages_read(app: TestApp) {
    let (ada, mara, lobby, base) = start(&app).await;
    let messages = send_messages(&app, &ada, lobby, 3).await;
    let before = app.service.get_snapshot(&mara).await.unwrap();
    let marker = app.service.mark_unread(&mara, messages[2].id).await.unwrap();
    assert_eq!((marker.read_seq, marker.unread), (base, 3));
    let message_ids = vec![messages[2].id, messages[1].id];
    app.service.restore_unread(&mara, RestoreUnread { message_ids }).await.unwrap();
    assert_eq!(unread(&app, &mara, lobby).await, 3);
    assert!(events_since(&app, &mara, &before).await.0.is_empty());
}

async fn a_room_or_all_rooms_are_marked_read_and_that_is_undone(app: TestApp) {
    let (ada, mara, lobby, _) = start(&app).await;
    let den = app.create_room(&ada, "den", Visibility::Private).await.id;
    app.add_member(&ada, den, &mara).await.unwrap();
    app.service.clear_unread(&mara, ClearUnread::default()).await.unwrap();
    let messages = send_messages(&app, &ada, lobby, 3).await;
    app.service.mark_read(&mara, lobby, MarkRead { message_id: messages[0].id }).await.unwrap();
    let other = send_messages(&app, &ada, den, 2).await;
    let counts = async || (unread(&app, &mara, lobby).await, unread(&app, &mara, den).await);
    let before = app.service.get_snapshot(&mara).await.unwrap();
    let cleared = app.service.clear_unread(&mara, ClearUnread { room_id: Some(den) }).await.unwrap();
    assert_eq!((cleared.message_ids, counts().await), (vec![other[0].id], (2, 0)));
    let cleared = app.service.clear_unread(&mara, ClearUnread { room_id: Some(den) }).await.unwrap();
    assert!(cleared.message_ids.is_empty(), "nothing was unread");
    let cleared = app.service.clear_unread(&mara, ClearUnread::default()).await.unwrap();
    assert_eq!((&cleared.message_ids, counts().await), (&vec![messages[1].id], (0, 0)));
    let mut message_ids = cleared.message_ids;
    message_ids.push(other[0].id);
    app.service.restore_unread(&mara, RestoreUnread { message_ids }).await.unwrap();
    assert_eq!(counts().await, (2, 2));
    let (markers, list) = events_since(&app, &mara, &before).await;
    assert_eq!((markers.len(), list.rooms), (4, app.service.get_snapshot(&mara).await.unwrap().rooms));
    assert_eq!(unread(&app, &ada, lobby).await, 0, "only one's own markers move");
    let too_many = RestoreUnread { message_ids: vec![other[0].id; 1_001] };
    let error = app.service.restore_unread(&mara, too_many).await.unwrap_err();
    assert_eq!((error.code, error.errors[0].field.as_str()), (Code::Invalid, "message_ids"));
}

async fn unread_messages_are_counted_up_to_99(app: TestApp) {
    let (ada, mara, lobby, base) = start(&app).await;
    let messages = send_messages(&app, &ada, lobby, 210).await;
    assert_eq!(unread(&app, &mara, lobby).await, 100);
    let before = app.service.get_snapshot(&mara).await.unwrap();
    for message in &messages[..111] {
        app.service.delete_message(&ada, message.id).await.unwrap();
    }
    let mine = membership(&app, &mara, lobby).await;
    assert_eq!((mine.unread, mine.uncounted.len(), mine.uncounted_more), (99, 100, 11));
    assert_eq!(mine.uncounted[0], base + 12);
    assert_eq!(events_since(&app, &mara, &before).await.1.rooms, app.service.get_snapshot(&mara).await.unwrap().rooms);
    app.send_message(&ada, lobby, "one more").await;
    assert_eq!(unread(&app, &mara, lobby).await, 100);
}

async fn a_client_that_was_away_counts_deleted_messages_right(app: TestApp) {
    let (ada, mara, lobby, _) = start(&app).await;
    let before = app.service.get_snapshot(&mara).await.unwrap();
    let messages = send_messages(&app, &ada, lobby, 4).await;
    app.service.delete_message(&ada, messages[1].id).await.unwrap();
    app.service.mark_read(&mara, lobby, MarkRead { message_id: messages[0].id }).await.unwrap();
    app.service.delete_message(&ada, messages[2].id).await.unwrap();
    let (_, list) = events_since(&app, &mara, &before).await;
    assert_eq!(list.room(lobby).unwrap().membership.as_ref().unwrap().unread, 1);
    assert_eq!(list.rooms, app.service.get_snapshot(&mara).await.unwrap().rooms);
}

async fn the_read_marker_of_a_room_that_was_left_is_not_replayed(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let den = app.create_room(&ada, "den", Visibility::Private).await.id;
    app.add_member(&ada, den, &mara).await.unwrap();
    let before = app.service.get_snapshot(&mara).await.unwrap();
    let messages = send_messages(&app, &ada, den, 3).await;
    app.service.mark_read(&mara, den, MarkRead { message_id: messages[0].id }).await.unwrap();
    app.service.leave_room(&mara, den).await.unwrap();
    app.service.delete_message(&ada, messages[2].id).await.unwrap();
    assert!(events_since(&app, &mara, &before).await.0.is_empty());
}

async fn a_stranger_marks_nothing(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let den = app.create_room(&ada, "den", Visibility::Private).await.id;
    let hall = app.create_room(&ada, "hall", Visibility::Public).await.id;
    for (room, code) in [(den, Code::NotFound), (hall, Code::NotAMember)] {
        let message = app.send_message(&ada, room, "hello").await.id;
        assert_eq!(app.service.mark_unread(&mara, message).await.unwrap_err().code, Code::NotFound);
        let clear = ClearUnread { room_id: Some(room) };
        assert_eq!(app.service.clear_unread(&mara, clear).await.unwrap_err().code, code);
        let message_ids = vec![message];
        app.service.restore_unread(&mara, RestoreUnread { message_ids }).await.unwrap();
    }
    assert_eq!(app.count("select count(*) from read_markers").await, 4, "none of a room that the user is not in");
}
