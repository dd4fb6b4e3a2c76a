use crate::harness::{PASSWORD, TestApp};
use protocol::{
    command::{ConfirmPassword, EditMessage, HistoryRange, MarkRead},
    cursor::Cursor,
    error::Code,
    event::{Change, Event, MessagesPurged},
    id::RoomId,
    message::Message,
    port::prelude::*,
    room::Visibility,
    session::Caller,
    state::{room_list::RoomList, room_state::RoomState},
};

on_both_databases! {
    old_messages_are_purged_and_everything_else_stays
    who_missed_messages_that_were_purged_since_continues_with_those_that_remain
    a_large_purge_runs_in_batches_and_publishes_one_event
    rooms_without_a_retention_keep_their_messages
    a_purge_that_was_interrupted_is_completed
    a_purged_message_cannot_be_read_or_changed
    expired_links_are_purged_after_a_week
}

const DAY: i64 = 24 * 60 * 60 * 1000;

async fn set_retention(app: &TestApp, room: RoomId, days: &str) {
    let id = if app.settings.database_url.is_some() { format!("'{room}'") } else { format!("x'{}'", room.0.simple()) };
    app.execute(&format!("update rooms set retention_days = {days} where id = {id}")).await;
}

/// A private room whose messages are kept for seven days.
async fn den(app: &TestApp, owner: &Caller) -> RoomId {
    let den = app.create_room(owner, "den", Visibility::Private).await.id;
    set_retention(app, den, "7").await;
    den
}

async fn seqs(app: &TestApp, caller: &Caller, room: RoomId) -> Vec<i64> {
    let history = app.service.list_messages(caller, room, HistoryRange::Latest, 100_000).await.unwrap();
    history.items.iter().map(|message| message.seq).collect()
}

async fn events_after(app: &TestApp, caller: &Caller, mut cursor: Cursor) -> Vec<Event> {
    let mut events = Vec::new();
    loop {
        let page = app.service.poll_events(caller, cursor, 0).await.unwrap();
        if page.items.is_empty() && page.cursor == cursor {
            return events;
        }
        events.extend(page.items);
        cursor = page.cursor;
    }
}

/// The purges that a client was told of; a replay tells one as often as it is read in pages.
fn purges(events: &[Event]) -> Vec<MessagesPurged> {
    let purge = |event: &Event| match &event.change {
        Change::MessagesPurged(purged) => Some(purged.clone()),
        _ => None,
    };
    let mut purges: Vec<_> = events.iter().filter_map(purge).collect();
    purges.dedup();
    purges
}

/// How many purges were published.
async fn count_published(app: &TestApp) -> i64 {
    app.count("select count(*) from events where kind = 'messages.purged'").await
}

async fn send_many(app: &TestApp, caller: &Caller, room: RoomId, count: usize) -> Vec<Message> {
    let send = async |n: usize| app.send_message(caller, room, &n.to_string()).await;
    futures::future::join_all((0..count).map(send)).await
}

async fn old_messages_are_purged_and_everything_else_stays(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let den = den(&app, &ada).await;
    // The first message is the line about it.
    app.add_member(&ada, den, &mara).await.unwrap();
    let cursor = app.service.get_snapshot(&mara).await.unwrap().cursor;
    let old = send_many(&app, &ada, den, 3).await;
    app.service.mark_read(&mara, den, MarkRead { message_id: old[0].id }).await.unwrap();
    app.clock.advance(6 * DAY);
    send_many(&app, &ada, den, 2).await;
    app.service.run_followers().await;
    assert_eq!(seqs(&app, &mara, den).await, [1, 2, 3, 4, 5, 6], "none is old enough");
    let history = app.service.list_messages(&mara, den, HistoryRange::Latest, 100).await.unwrap();
    let mut state = RoomState::new(den, history);
    let before = app.service.get_snapshot(&mara).await.unwrap();

    app.clock.advance(DAY + 60_000);
    app.service.run_followers().await;
    assert_eq!(seqs(&app, &mara, den).await, [5, 6]);
    let after = app.service.get_snapshot(&mara).await.unwrap();
    let room = after.rooms.iter().find(|room| room.id == den).unwrap();
    assert_eq!((room.head, room.membership.as_ref().unwrap().unread), (6, 2), "purged messages are not unread");
    let mut list = RoomList::new(&before);
    for event in events_after(&app, &mara, before.cursor).await {
        state.apply(&event);
        list.apply(&event);
    }
    assert_eq!(list, RoomList::new(&after));
    let history = app.service.list_messages(&mara, den, HistoryRange::Latest, 100).await.unwrap();
    assert_eq!(state, RoomState::new(den, history));
    assert_eq!(app.send_message(&ada, den, "next").await.seq, 7);

    // Who was away gets no event of a purged message, but learns of the purge.
    let events = events_after(&app, &mara, cursor).await;
    let created = |event: &Event| match &event.change {
        Change::MessageCreated(message) => Some(message.seq),
        _ => None,
    };
    assert_eq!(events.iter().filter_map(created).collect::<Vec<_>>(), [5, 6, 7]);
    assert_eq!(purges(&events), [MessagesPurged { room_id: den, before_seq: 5 }]);
    assert_eq!(app.count("select max(purged_seq) from stream_heads").await, 4);

    // The room becomes empty, and nothing is left to purge. A message that was sent and purged while a client was away is
    // known to it by the purge alone.
    app.send_message(&mara, den, "from another device").await;
    app.clock.advance(8 * DAY);
    for _ in 0..2 {
        app.service.run_followers().await;
    }
    assert_eq!(seqs(&app, &mara, den).await, [] as [i64; 0]);
    let events = events_after(&app, &mara, after.cursor).await;
    assert_eq!(purges(&events), [MessagesPurged { room_id: den, before_seq: 9 }]);
    let mut list = RoomList::new(&after);
    for event in &events {
        list.apply(event);
    }
    assert_eq!(list, RoomList::new(&app.service.get_snapshot(&mara).await.unwrap()));
    assert_eq!(app.send_message(&ada, den, "again").await.seq, 9);
    assert_eq!(seqs(&app, &mara, den).await, [9]);
}

async fn who_missed_messages_that_were_purged_since_continues_with_those_that_remain(app: TestApp) {
    let ada = app.create_user("ada").await;
    let den = den(&app, &ada).await;
    send_many(&app, &ada, den, 3).await;
    let history = app.service.list_messages(&ada, den, HistoryRange::Latest, 100).await.unwrap();
    let mut state = RoomState::new(den, history);
    let before = app.service.get_snapshot(&ada).await.unwrap();
    send_many(&app, &ada, den, 3).await;
    app.clock.advance(4 * DAY);
    send_many(&app, &ada, den, 2).await;
    app.clock.advance(4 * DAY);
    app.service.run_followers().await;
    let mut list = RoomList::new(&before);
    for event in events_after(&app, &ada, before.cursor).await {
        state.apply(&event);
        list.apply(&event);
    }
    let history = app.service.list_messages(&ada, den, HistoryRange::Latest, 100).await.unwrap();
    assert_eq!(history.items.iter().map(|message| message.seq).collect::<Vec<_>>(), [7, 8]);
    assert_eq!(state, RoomState::new(den, history));
    assert_eq!(list, RoomList::new(&app.service.get_snapshot(&ada).await.unwrap()));
}

async fn a_large_purge_runs_in_batches_and_publishes_one_event(app: TestApp) {
    let ada = app.create_user("ada").await;
    let den = den(&app, &ada).await;
    let cursor = app.service.get_snapshot(&ada).await.unwrap().cursor;
    for _ in 0..5 {
        send_many(&app, &ada, den, 500).await;
    }
    app.clock.advance(8 * DAY);
    app.send_message(&ada, den, "new").await;
    app.service.run_followers().await;
    assert_eq!(seqs(&app, &ada, den).await, [2_501]);
    let purges = purges(&events_after(&app, &ada, cursor).await);
    assert_eq!(purges, [MessagesPurged { room_id: den, before_seq: 2_501 }]);
    assert_eq!(count_published(&app).await, 1);
}

async fn rooms_without_a_retention_keep_their_messages(app: TestApp) {
    let ada = app.create_user("ada").await;
    let (lobby, den) = (app.lobby(&ada).await.id, den(&app, &ada).await);
    send_many(&app, &ada, lobby, 2).await;
    send_many(&app, &ada, den, 2).await;
    set_retention(&app, den, "null").await;
    app.clock.advance(20 * DAY);
    app.service.run_followers().await;
    // The first message in the Lobby is the line about ada, who joined.
    for (room, kept) in [(lobby, vec![1, 2, 3]), (den, vec![1, 2])] {
        assert_eq!(seqs(&app, &ada, room).await, kept);
    }
}

async fn a_purge_that_was_interrupted_is_completed(app: TestApp) {
    let ada = app.create_user("ada").await;
    let den = den(&app, &ada).await;
    let cursor = app.service.get_snapshot(&ada).await.unwrap().cursor;
    send_many(&app, &ada, den, 10).await;
    // As after a few batches of a node that then died.
    app.execute("delete from messages where seq <= 4").await;
    app.clock.advance(8 * DAY);
    app.service.run_followers().await;
    assert_eq!(seqs(&app, &ada, den).await, [] as [i64; 0]);
    let purges = purges(&events_after(&app, &ada, cursor).await);
    assert_eq!(purges, [MessagesPurged { room_id: den, before_seq: 11 }]);
    assert_eq!(count_published(&app).await, 1);
}

async fn a_purged_message_cannot_be_read_or_changed(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let den = den(&app, &ada).await;
    let purged = app.send_message(&ada, den, "a purged secret").await;
    app.clock.advance(8 * DAY);
    let kept = app.send_message(&ada, den, "kept").await;
    app.service.run_followers().await;
    let edit = EditMessage { body: "again".into() };
    for error in [
        app.service.get_message(&ada, purged.id).await.unwrap_err(),
        app.service.edit_message(&ada, purged.id, edit).await.unwrap_err(),
        app.service.delete_message(&ada, purged.id).await.unwrap_err(),
        app.service.mark_read(&ada, den, MarkRead { message_id: purged.id }).await.unwrap_err(),
        app.service.list_messages(&ada, den, HistoryRange::Before(purged.id), 10).await.unwrap_err(),
        app.service.list_messages(&ada, den, HistoryRange::Around(purged.id), 10).await.unwrap_err(),
        // A stranger learns nothing.
        app.service.get_message(&mara, purged.id).await.unwrap_err(),
        app.service.list_messages(&mara, den, HistoryRange::Latest, 10).await.unwrap_err(),
    ] {
        assert_eq!(error.code, Code::NotFound);
    }
    for range in [HistoryRange::AroundSeq(purged.seq), HistoryRange::AfterSeq(0), HistoryRange::BeforeSeq(3)] {
        let history = app.service.list_messages(&ada, den, range, 10).await.unwrap();
        assert_eq!(history.items.iter().map(|message| message.id).collect::<Vec<_>>(), [kept.id]);
        assert!(!history.newer, "{range:?}");
    }
    app.service.confirm_password(&ada, ConfirmPassword { password: PASSWORD.into() }).await.unwrap();
    let mut export = app.service.export(&ada).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(piece) = export.next().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    for index in 0..archive.len() {
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut archive.by_index(index).unwrap(), &mut text).unwrap();
        assert!(!String::from_utf8_lossy(&text).contains("a purged secret"));
    }
}

async fn expired_links_are_purged_after_a_week(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    app.service.create_reset_link(&ada, mara.user_id).await.unwrap();
    let links = async || app.count("select count(*) from one_time_links").await;
    app.clock.advance(7 * DAY);
    app.service.run_followers().await;
    assert_eq!(links().await, 1);
    app.clock.advance(DAY);
    app.service.run_followers().await;
    assert_eq!(links().await, 0);
}
