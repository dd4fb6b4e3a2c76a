//! Room activity: lines that say who came and went.

use crate::harness::TestApp;
use protocol::{
    command::{EditMessage, HistoryRange, MarkRead},
    error::Code,
    event::Change,
    id::RoomId,
    message::{Message, MessageKind},
    port::prelude::*,
    room::Visibility,
    session::Caller,
};

on_both_databases! {
    joining_leaving_adding_and_removing_are_lines_in_the_room
    a_newcomer_is_a_line_in_the_lobby
    a_line_is_neither_unread_nor_marks_messages_read
    a_line_can_be_neither_edited_nor_deleted
    a_large_room_has_no_lines_about_its_members
    a_command_that_changes_nothing_writes_no_line
}

async fn lines(app: &TestApp, caller: &Caller, room: RoomId) -> Vec<Message> {
    let history = app.service.list_messages(caller, room, HistoryRange::Latest, 200).await.unwrap().items;
    history.into_iter().filter(|message| !message.kind.is_text()).collect()
}

/// Kinds, actors and subjects of the lines in a room.
async fn texts(app: &TestApp, caller: &Caller, room: RoomId) -> Vec<String> {
    let text = |line: &Message| {
        let subject = line.subject.as_ref().map_or("", |subject| &subject.username);
        format!("{} {} {subject}", line.author.username, line.kind.as_str()).trim_end().to_owned()
    };
    lines(app, caller, room).await.iter().map(text).collect()
}

async fn joining_leaving_adding_and_removing_are_lines_in_the_room(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let tomas = app.create_user("tomas").await;
    let den = app.create_room(&ada, "den", Visibility::Public).await;
    assert_eq!(den.head, 0, "the creator's own joining is no line");
    let before = app.service.get_snapshot(&ada).await.unwrap().cursor;
    let joined = app.service.join_room(&mara, den.id).await.unwrap();
    let membership = joined.membership.unwrap();
    assert_eq!((joined.head, membership.read_seq, membership.unread), (1, 0, 0));
    let events = app.service.poll_events(&ada, before, 0).await.unwrap().items;
    assert!(
        matches!(events.iter().map(|event| &event.change).collect::<Vec<_>>()[..],
        [Change::MemberJoined(_), Change::MessageCreated(line)] if line.kind == MessageKind::Joined),
        "{events:?}"
    );
    app.add_member(&mara, den.id, &tomas).await.unwrap();
    app.service.remove_member(&ada, den.id, tomas.user_id).await.unwrap();
    app.service.leave_room(&mara, den.id).await.unwrap();
    let expected = ["mara joined", "mara added tomas", "ada removed tomas", "mara left"];
    assert_eq!(texts(&app, &ada, den.id).await, expected);
    assert_eq!(app.send_message(&ada, den.id, "hello").await.seq, 5, "lines have their place in the room");
}

async fn a_newcomer_is_a_line_in_the_lobby(app: TestApp) {
    let ada = app.create_user("ada").await;
    app.create_user("mara").await;
    let lobby = app.lobby(&ada).await;
    assert_eq!(texts(&app, &ada, lobby.id).await, ["ada joined", "mara joined"]);
    assert_eq!(lobby.membership.unwrap().unread, 0);
}

async fn a_line_is_neither_unread_nor_marks_messages_read(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let tomas = app.create_user("tomas").await;
    let den = app.create_room(&ada, "den", Visibility::Public).await.id;
    app.service.join_room(&mara, den).await.unwrap();
    let unread = async |caller| app.service.get_room(caller, den).await.unwrap().membership.unwrap().unread;
    app.send_message(&ada, den, "hello").await;
    assert_eq!(unread(&mara).await, 1);
    app.add_member(&mara, den, &tomas).await.unwrap();
    assert_eq!((unread(&mara).await, unread(&ada).await, unread(&tomas).await), (1, 0, 0));
    let line = lines(&app, &mara, den).await.pop().unwrap();
    app.service.mark_read(&mara, den, MarkRead { message_id: line.id }).await.unwrap();
    assert_eq!(unread(&mara).await, 0);
}

async fn a_line_can_be_neither_edited_nor_deleted(app: TestApp) {
    let ada = app.create_user("ada").await;
    let lobby = app.lobby(&ada).await.id;
    let line = lines(&app, &ada, lobby).await.pop().unwrap();
    let edited = app.service.edit_message(&ada, line.id, EditMessage { body: "hello".into() }).await;
    assert_eq!(edited.unwrap_err().code, Code::RoomActivity);
    assert_eq!(app.service.delete_message(&ada, line.id).await.unwrap_err().code, Code::RoomActivity);
    assert_eq!(app.service.get_message(&ada, line.id).await.unwrap(), line);
}

async fn a_large_room_has_no_lines_about_its_members(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let den = app.create_room(&ada, "den", Visibility::Public).await.id;
    app.execute("update rooms set member_count = 199 where name = 'den'").await;
    app.service.join_room(&mara, den).await.unwrap();
    assert_eq!(texts(&app, &ada, den).await, ["mara joined"], "with 200 members");
    app.execute("update rooms set member_count = 202 where name = 'den'").await;
    app.service.leave_room(&mara, den).await.unwrap();
    assert_eq!(texts(&app, &ada, den).await, ["mara joined"], "with 201 members");
}

async fn a_command_that_changes_nothing_writes_no_line(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let den = app.create_room(&ada, "den", Visibility::Public).await.id;
    for _ in 0..2 {
        app.service.join_room(&mara, den).await.unwrap();
        app.add_member(&ada, den, &mara).await.unwrap();
    }
    for _ in 0..2 {
        app.service.leave_room(&mara, den).await.unwrap();
    }
    assert_eq!(texts(&app, &ada, den).await, ["mara joined", "mara left"]);
}
