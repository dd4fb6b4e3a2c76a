use crate::harness::{TestApp, message_command, texts};
use bytes::Bytes;
use domain::{CloseReason, Subscription};
use protocol::{
    command::CreateRoom, cursor::Cursor, event::Change, frame::ServerFrame, port::prelude::*, room::Visibility,
    session::Caller, sync::Reset,
};

on_both_databases! {
    a_subscriber_receives_events
    a_resumed_subscription_replays_missed_events_once_and_in_order
    missed_events_are_read_in_pages_limited_by_bytes
    missed_membership_events_with_large_rooms_are_read_in_pages_limited_by_bytes
    resuming_under_load_has_no_gap_and_no_duplicate
    a_foreign_future_or_expired_cursor_results_in_a_reset
    a_removed_member_receives_no_further_events
    a_slow_reader_is_disconnected_and_can_resume
    a_reader_behind_by_a_few_large_messages_is_disconnected
    long_polling_returns_at_once_or_waits_for_events
    events_are_delivered_across_nodes
}

fn parse_frames(frames: &[Bytes]) -> Vec<ServerFrame> {
    texts(frames).iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

/// Reads until the condition holds.
async fn read_until(listener: &mut Subscription, enough: impl Fn(&[ServerFrame]) -> bool) -> Vec<ServerFrame> {
    let mut frames = Vec::new();
    while !enough(&parse_frames(&frames)) {
        listener.next(&mut frames).await.unwrap();
    }
    parse_frames(&frames)
}

fn bodies(frames: &[ServerFrame]) -> Vec<&str> {
    frames
        .iter()
        .filter_map(|frame| match frame {
            ServerFrame::Event(event) => match &event.change {
                Change::MessageCreated(message) => Some(message.body.as_str()),
                _ => None,
            },
            _ => None,
        })
        .collect()
}

async fn a_subscriber_receives_events(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let lobby = app.lobby(&ada).await.id;
    let mut listener = app.service.subscribe(&mara, None).await.unwrap();
    assert!(matches!(listener.start(), Ok((_, false))));
    app.send_message(&ada, lobby, "hello").await;
    let frames = read_until(&mut listener, |frames| bodies(frames).len() == 1).await;
    assert!(matches!(frames[0], ServerFrame::Live { .. }));
    assert_eq!(bodies(&frames), ["hello"]);
}

async fn a_resumed_subscription_replays_missed_events_once_and_in_order(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let lobby = app.lobby(&ada).await.id;
    let cursor = app.service.get_snapshot(&mara).await.unwrap().cursor;
    let private = app.create_room(&ada, "den", Visibility::Private).await.id;
    app.send_message(&ada, private, "not for mara").await;
    let edited = app.send_message(&ada, lobby, "one").await;
    app.send_message(&ada, lobby, "two").await;
    let edit = protocol::command::EditMessage { body: "uno".into() };
    app.service.edit_message(&ada, edited.id, edit).await.unwrap();
    let mut listener = app.service.subscribe(&mara, Some(cursor)).await.unwrap();
    assert_eq!(listener.start(), Ok((cursor, true)));
    let frames = read_until(&mut listener, |f| f.iter().any(|f| matches!(f, ServerFrame::Live { .. }))).await;
    assert_eq!(bodies(&frames), ["uno", "two"], "the current bodies, in the order they were sent");
    assert_eq!(frames.len(), 4);
}

async fn missed_events_are_read_in_pages_limited_by_bytes(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let lobby = app.lobby(&ada).await.id;
    let cursor = app.service.get_snapshot(&mara).await.unwrap().cursor;
    // Links make the HTML of each message ten times as large as its body.
    let sent_bodies: Vec<_> = (0..20).map(|n| format!("{n} {}", "http://a ".repeat(1_700))).collect();
    for body in &sent_bodies {
        app.send_message(&ada, lobby, body).await;
    }
    let replayed = replay_in_small_pages(&app, &mara, cursor).await;
    let received = bodies(&replayed).into_iter().map(str::trim);
    assert!(received.eq(sent_bodies.iter().map(|body| body.trim())));
}

/// Reads all missed events, and checks that no page is large.
async fn replay_in_small_pages(app: &TestApp, caller: &Caller, cursor: Cursor) -> Vec<ServerFrame> {
    let mut away = app.service.subscribe(caller, Some(cursor)).await.unwrap();
    let mut received = Vec::new();
    while !received.iter().any(|frame| matches!(frame, ServerFrame::Live { .. })) {
        let mut frames = Vec::new();
        away.next(&mut frames).await.unwrap();
        let bytes: usize = frames.iter().map(Bytes::len).sum();
        assert!((1..2_000_000).contains(&bytes), "{bytes} bytes in one page");
        received.extend(parse_frames(&frames));
    }
    received
}

/// Each of these events contains its room.
async fn missed_membership_events_with_large_rooms_are_read_in_pages_limited_by_bytes(app: TestApp) {
    let (ada, mara, tomas) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("tomas").await);
    let description = "\u{1f33b}".repeat(2_000);
    let den = CreateRoom { name: "den".into(), visibility: Visibility::Public, description, ..CreateRoom::default() };
    let den = app.service.create_room(&ada, den, None).await.unwrap().value.id;
    app.service.join_room(&mara, den).await.unwrap();
    let cursor = app.service.get_snapshot(&mara).await.unwrap().cursor;
    for _ in 0..150 {
        app.service.join_room(&tomas, den).await.unwrap();
        app.service.leave_room(&tomas, den).await.unwrap();
    }
    let replayed = replay_in_small_pages(&app, &mara, cursor).await;
    let is_membership_event = |frame: &&ServerFrame| match frame {
        ServerFrame::Event(event) => matches!(event.change, Change::MemberJoined(_) | Change::MemberLeft(_)),
        _ => false,
    };
    assert_eq!(replayed.iter().filter(is_membership_event).count(), 300);
}

async fn resuming_under_load_has_no_gap_and_no_duplicate(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let room = app.lobby(&ada).await;
    let (lobby, head) = (room.id, room.head);
    let mut cursor = app.service.get_snapshot(&mara).await.unwrap().cursor;
    let (service, clock) = (app.service.clone(), app.clock.clone());
    let storm = tokio::spawn(async move {
        for n in 0..400 {
            service.send_message(&ada, lobby, message_command(&clock, &n.to_string())).await.unwrap();
        }
    });
    let mut seqs = Vec::new();
    while seqs.len() < 400 {
        let mut listener = app.service.subscribe(&mara, Some(cursor)).await.unwrap();
        // Reads a few batches, then disconnects; the next subscription resumes at the last position.
        for _ in 0..3 {
            let mut frames = Vec::new();
            listener.next(&mut frames).await.unwrap();
            for frame in parse_frames(&frames) {
                if let ServerFrame::Event(event) = frame {
                    assert!(event.cursor.position > cursor.position);
                    cursor = event.cursor;
                    if let Change::MessageCreated(message) = event.change {
                        seqs.push(message.seq);
                    }
                }
            }
            if seqs.len() == 400 {
                break;
            }
        }
    }
    storm.await.unwrap();
    assert!(seqs.iter().copied().eq(head + 1..=head + 400));
}

async fn a_foreign_future_or_expired_cursor_results_in_a_reset(app: TestApp) {
    let ada = app.create_user("ada").await;
    let Cursor { epoch, position } = app.service.get_snapshot(&ada).await.unwrap().cursor;
    let start = async |epoch, position| {
        let listener = app.service.subscribe(&ada, Some(Cursor { epoch, position })).await.unwrap();
        listener.start()
    };
    assert_eq!(start(epoch.wrapping_add(1), position).await, Err(Reset::Unknown));
    assert_eq!(start(epoch, position + 1).await, Err(Reset::Unknown));
    assert!(start(epoch, 0).await.is_ok());
    app.clock.advance(31 * 24 * 60 * 60 * 1000);
    let later = app.start_node().await;
    // Ada's first session has expired meanwhile.
    let ada = later.authenticate(&app.login("ada").await.access_token).await.unwrap();
    let response = async || later.subscribe(&ada, Some(Cursor { epoch, position: 0 })).await.unwrap().start();
    // Old events are deleted when the service starts.
    while response().await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(response().await, Err(Reset::Expired));
}

async fn a_removed_member_receives_no_further_events(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let den = app.create_room(&ada, "den", Visibility::Private).await.id;
    let lobby = app.lobby(&ada).await.id;
    let mut listener = app.service.subscribe(&mara, None).await.unwrap();
    app.add_member(&ada, den, &mara).await.unwrap();
    app.send_message(&ada, den, "welcome").await;
    app.service.remove_member(&ada, den, mara.user_id).await.unwrap();
    app.send_message(&ada, den, "is she gone?").await;
    app.send_message(&ada, lobby, "the end").await;
    let frames = read_until(&mut listener, |frames| bodies(frames).contains(&"the end")).await;
    // The first is the line that she was added.
    assert_eq!(bodies(&frames), ["", "welcome", "the end"]);
    let left = frames.iter().any(|f| matches!(f, ServerFrame::Event(e) if matches!(e.change, Change::MemberLeft(_))));
    assert!(left);
}

async fn a_slow_reader_is_disconnected_and_can_resume(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let lobby = app.lobby(&ada).await.id;
    let cursor = app.service.get_snapshot(&mara).await.unwrap().cursor;
    let mut slow = app.service.subscribe(&mara, None).await.unwrap();
    let mut quick = app.service.subscribe(&ada, None).await.unwrap();
    let mut frames = Vec::new();
    // In parts that fit into a queue, so that the quick reader keeps up even on a busy machine.
    for part in 0..5 {
        let sends = (0..1000)
            .map(|n| app.service.send_message(&ada, lobby, message_command(&app.clock, &format!("{part}.{n}"))));
        for sent in futures::future::join_all(sends).await {
            sent.unwrap();
        }
        // The slow reader does not block the others.
        let mut received = 0;
        while received < 1000 {
            frames.clear();
            quick.next(&mut frames).await.unwrap();
            received += bodies(&parse_frames(&frames)).len();
        }
    }
    let why = loop {
        if let Err(why) = slow.next(&mut frames).await {
            break why;
        }
    };
    assert_eq!(why, CloseReason::TooSlow);
    let mut again = app.service.subscribe(&mara, Some(cursor)).await.unwrap();
    let frames = read_until(&mut again, |frames| bodies(frames).len() == 5000).await;
    assert_eq!(bodies(&frames).len(), 5000);
}

async fn a_reader_behind_by_a_few_large_messages_is_disconnected(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let lobby = app.lobby(&ada).await.id;
    let cursor = app.service.get_snapshot(&mara).await.unwrap().cursor;
    let mut slow = app.service.subscribe(&mara, None).await.unwrap();
    let mut quick = app.service.subscribe(&ada, None).await.unwrap();
    for number in 0..30 {
        app.send_message(&ada, lobby, &format!("{number} {}", "http://a ".repeat(1_700))).await;
        read_until(&mut quick, |frames| bodies(frames).len() == 1).await;
    }
    let (mut frames, mut bytes) = (Vec::new(), 0);
    let why = loop {
        let result = slow.next(&mut frames).await;
        bytes += frames.drain(..).map(|frame| frame.len()).sum::<usize>();
        if let Err(why) = result {
            break why;
        }
    };
    assert_eq!(why, CloseReason::TooSlow);
    assert!(bytes < 3_000_000, "{bytes} bytes were queued");
    let mut again = app.service.subscribe(&mara, Some(cursor)).await.unwrap();
    let frames = read_until(&mut again, |frames| bodies(frames).len() == 30).await;
    let numbers = bodies(&frames).into_iter().filter_map(|body| body.split(' ').next()?.parse::<u32>().ok());
    assert!(numbers.eq(0..30), "each message once and in order");
}

async fn long_polling_returns_at_once_or_waits_for_events(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let lobby = app.lobby(&ada).await.id;
    let cursor = app.service.get_snapshot(&mara).await.unwrap().cursor;
    let empty = app.service.poll_events(&mara, cursor, 0).await.unwrap();
    assert_eq!((empty.items.len(), empty.cursor), (0, cursor));
    let service = app.service.clone();
    let waiting = tokio::spawn(async move { service.poll_events(&mara, cursor, 60).await.unwrap() });
    app.send_message(&ada, lobby, "there").await;
    let response = waiting.await.unwrap();
    assert_eq!(response.items.len(), 1);
    let again = app.service.poll_events(&mara, cursor, 60).await.unwrap();
    assert_eq!(again.items, response.items);
    assert!(app.service.poll_events(&mara, again.cursor, 0).await.unwrap().items.is_empty());
    let foreign = Cursor { epoch: cursor.epoch ^ 1, position: 0 };
    assert_eq!(app.service.poll_events(&mara, foreign, 60).await.unwrap().reset, Some(Reset::Unknown));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_notify_each_other_over_nats_and_its_loss_loses_no_events() {
    let mut app = TestApp::postgres().await;
    let mut nats = crate::harness::Nats::start().await;
    app.settings.feed_url = Some(nats.url.clone());
    let (one, other) = (app.start_node().await, app.start_node().await);
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let lobby = app.lobby(&ada).await.id;
    let mut listener = other.subscribe(&mara, None).await.unwrap();
    for n in 0..40 {
        if n == 20 {
            nats.kill().await;
        }
        let node = if n % 2 == 0 { &one } else { &other };
        node.send_message(&ada, lobby, message_command(&app.clock, &n.to_string())).await.unwrap();
    }
    let frames = read_until(&mut listener, |frames| bodies(frames).len() == 40).await;
    let expected: Vec<_> = (0..40).map(|n| n.to_string()).collect();
    assert_eq!(bodies(&frames), expected);
}

/// More notifications than the NATS client buffers, and more batches than the feed buffers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nats_outage_blocks_neither_writes_nor_shutdown() {
    let mut app = TestApp::postgres().await;
    let mut nats = crate::harness::Nats::start().await;
    app.settings.feed_url = Some(nats.url.clone());
    let node = app.start_node().await;
    let ada = app.create_user("ada").await;
    let lobby = app.lobby(&ada).await.id;
    let mut listener = node.subscribe(&ada, None).await.unwrap();
    nats.kill().await;
    for n in 0..2300 {
        node.send_message(&ada, lobby, message_command(&app.clock, &n.to_string())).await.unwrap();
    }
    let (mut received, mut frames) = (0, Vec::new());
    while received < 2300 {
        frames.clear();
        listener.next(&mut frames).await.unwrap();
        received += bodies(&parse_frames(&frames)).len();
    }
    node.stop().await;
}

async fn events_are_delivered_across_nodes(app: TestApp) {
    if app.settings.database_url.is_none() {
        // SQLite serves one node; its event stream continues after a restart.
        let ada = app.create_user("ada").await;
        let cursor = app.service.get_snapshot(&ada).await.unwrap().cursor;
        app.send_message(&ada, app.lobby(&ada).await.id, "before").await;
        app.service.stop().await;
        let again = app.start_node().await;
        assert_eq!(again.poll_events(&ada, cursor, 0).await.unwrap().items.len(), 1);
        return;
    }
    let other = app.start_node().await;
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let lobby = app.lobby(&ada).await.id;
    let mut listener = other.subscribe(&mara, None).await.unwrap();
    for n in 0..20 {
        let node = if n % 2 == 0 { &app.service } else { &other };
        node.send_message(&ada, lobby, message_command(&app.clock, &n.to_string())).await.unwrap();
    }
    let frames = read_until(&mut listener, |frames| bodies(frames).len() == 20).await;
    let expected: Vec<_> = (0..20).map(|n| n.to_string()).collect();
    assert_eq!(bodies(&frames), expected);
}
