use crate::world::TestApp;
use crate::world::message_command;
use bytes::Bytes;
use domain::CloseReason;
use domain::Subscription;
use protocol::command::CreateRoom;
use protocol::cursor::Cursor;
use protocol::event::Change;
use protocol::frame::ServerFrame;
use protocol::port::prelude::*;
use protocol::room::Visibility;
use protocol::session::Caller;
use protocol::sync::Reset;

on_both_databases! {
    a_subscriber_receives_events
    a_resumed_subscription_replays_missed_events_once_and_in_order
    missed_events_are_read_in_pages_limited_by_bytes
    missed_membership_events_with_large_rooms_are_read_in_pages_limited_by_bytes
    resuming_under_load_has_no_gap_and_no_duplicate
    a_foreign_future_or_expired_cursor_is_answered_with_reset
    a_removed_member_receives_no_further_events
    a_slow_reader_is_disconnected_and_can_resume
    a_reader_behind_by_a_few_large_messages_is_disconnected
    long_polling_returns_at_once_or_waits_for_events
    events_are_delivered_across_nodes
}

fn parse_frames(frames: &[Bytes]) -> Vec<ServerFrame> {
    frames.iter().map(|frame| serde_json::from_slice(frame).unwrap()).collect()
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

async fn a_subscriber_receives_events(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let lobby = w.lobby(&ada).await.id;
    let mut listener = w.service.subscribe(&mara, None).await.unwrap();
    assert!(matches!(listener.start(), Ok((_, false))));
    w.send_message(&ada, lobby, "hello").await;
    let frames = read_until(&mut listener, |frames| bodies(frames).len() == 1).await;
    assert!(matches!(frames[0], ServerFrame::Live { .. }));
    assert_eq!(bodies(&frames), ["hello"]);
}

async fn a_resumed_subscription_replays_missed_events_once_and_in_order(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let lobby = w.lobby(&ada).await.id;
    let cursor = w.service.snapshot(&mara).await.unwrap().cursor;
    let private = w.create_room(&ada, "den", Visibility::Private).await.id;
    w.send_message(&ada, private, "not for mara").await;
    let edited = w.send_message(&ada, lobby, "one").await;
    w.send_message(&ada, lobby, "two").await;
    let edit = protocol::command::EditMessage { body: "uno".into() };
    w.service.edit(&ada, edited.id, edit).await.unwrap();
    let mut listener = w.service.subscribe(&mara, Some(cursor)).await.unwrap();
    assert_eq!(listener.start(), Ok((cursor, true)));
    let frames = read_until(&mut listener, |f| f.iter().any(|f| matches!(f, ServerFrame::Live { .. }))).await;
    assert_eq!(bodies(&frames), ["uno", "two"], "the current bodies, in the order they were sent");
    assert_eq!(frames.len(), 4);
}

async fn missed_events_are_read_in_pages_limited_by_bytes(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let lobby = w.lobby(&ada).await.id;
    let cursor = w.service.snapshot(&mara).await.unwrap().cursor;
    // Links make of each of them ten times what was typed.
    let sent_bodies: Vec<_> = (0..20).map(|n| format!("{n} {}", "http://a ".repeat(1_700))).collect();
    for body in &sent_bodies {
        w.send_message(&ada, lobby, body).await;
    }
    let replayed = replay_in_small_pages(&w, &mara, cursor).await;
    let received = bodies(&replayed).into_iter().map(str::trim);
    assert!(received.eq(sent_bodies.iter().map(|body| body.trim())));
}

/// All that somebody missed; no page of it is large.
async fn replay_in_small_pages(w: &TestApp, caller: &Caller, cursor: Cursor) -> Vec<ServerFrame> {
    let mut away = w.service.subscribe(caller, Some(cursor)).await.unwrap();
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

/// Each of these events carries its room.
async fn missed_membership_events_with_large_rooms_are_read_in_pages_limited_by_bytes(w: TestApp) {
    let (ada, mara, tomas) = (w.create_user("ada").await, w.create_user("mara").await, w.create_user("tomas").await);
    let description = "\u{1f33b}".repeat(2_000);
    let den = CreateRoom { name: "den".into(), visibility: Visibility::Public, topic: String::new(), description };
    let den = w.service.create_room(&ada, den, None).await.unwrap().value.id;
    w.service.join(&mara, den).await.unwrap();
    let cursor = w.service.snapshot(&mara).await.unwrap().cursor;
    for _ in 0..150 {
        w.service.join(&tomas, den).await.unwrap();
        w.service.leave(&tomas, den).await.unwrap();
    }
    let replayed = replay_in_small_pages(&w, &mara, cursor).await;
    let is_membership_event = |frame: &&ServerFrame| match frame {
        ServerFrame::Event(event) => matches!(event.change, Change::MemberJoined(_) | Change::MemberLeft(_)),
        _ => false,
    };
    assert_eq!(replayed.iter().filter(is_membership_event).count(), 300);
}

async fn resuming_under_load_has_no_gap_and_no_duplicate(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let lobby = w.lobby(&ada).await.id;
    let mut cursor = w.service.snapshot(&mara).await.unwrap().cursor;
    let (service, clock) = (w.service.clone(), w.clock.clone());
    let storm = tokio::spawn(async move {
        for n in 0..400 {
            service.send(&ada, lobby, message_command(&clock, &n.to_string())).await.unwrap();
        }
    });
    let mut seqs = Vec::new();
    while seqs.len() < 400 {
        let mut listener = w.service.subscribe(&mara, Some(cursor)).await.unwrap();
        // Hears a little, then is gone: its next life resumes where this one stopped.
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
    assert!(seqs.iter().copied().eq(1..=400));
}

async fn a_foreign_future_or_expired_cursor_is_answered_with_reset(w: TestApp) {
    let ada = w.create_user("ada").await;
    let Cursor { epoch, position } = w.service.snapshot(&ada).await.unwrap().cursor;
    let start = async |epoch, position| {
        let listener = w.service.subscribe(&ada, Some(Cursor { epoch, position })).await.unwrap();
        listener.start()
    };
    assert_eq!(start(epoch.wrapping_add(1), position).await, Err(Reset::Unknown));
    assert_eq!(start(epoch, position + 1).await, Err(Reset::Unknown));
    assert!(start(epoch, 0).await.is_ok());
    w.clock.advance(31 * 24 * 60 * 60 * 1000);
    let later = w.start_node().await;
    // Her first session has expired meanwhile.
    let ada = later.authenticate(&w.login("ada").await.access_token).await.unwrap();
    let answer = async || later.subscribe(&ada, Some(Cursor { epoch, position: 0 })).await.unwrap().start();
    // The clean-up begins with the service.
    while answer().await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(answer().await, Err(Reset::Expired));
}

async fn a_removed_member_receives_no_further_events(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let den = w.create_room(&ada, "den", Visibility::Private).await.id;
    let lobby = w.lobby(&ada).await.id;
    let mut listener = w.service.subscribe(&mara, None).await.unwrap();
    w.add_member(&ada, den, &mara).await.unwrap();
    w.send_message(&ada, den, "welcome").await;
    w.service.remove_member(&ada, den, mara.user_id).await.unwrap();
    w.send_message(&ada, den, "is she gone?").await;
    w.send_message(&ada, lobby, "the end").await;
    let frames = read_until(&mut listener, |frames| bodies(frames).contains(&"the end")).await;
    assert_eq!(bodies(&frames), ["welcome", "the end"]);
    let left = frames.iter().any(|f| matches!(f, ServerFrame::Event(e) if matches!(e.change, Change::MemberLeft(_))));
    assert!(left);
}

async fn a_slow_reader_is_disconnected_and_can_resume(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let lobby = w.lobby(&ada).await.id;
    let cursor = w.service.snapshot(&mara).await.unwrap().cursor;
    let mut slow = w.service.subscribe(&mara, None).await.unwrap();
    let mut quick = w.service.subscribe(&ada, None).await.unwrap();
    let mut frames = Vec::new();
    // In parts that fit a queue, so that even a busy machine's quick reader is not too slow.
    for part in 0..5 {
        let sends = (0..1000).map(|n| w.service.send(&ada, lobby, message_command(&w.clock, &format!("{part}.{n}"))));
        for sent in futures::future::join_all(sends).await {
            sent.unwrap();
        }
        // Others are not held up by the slow one; once they have everything, so would it.
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
    let mut again = w.service.subscribe(&mara, Some(cursor)).await.unwrap();
    let frames = read_until(&mut again, |frames| bodies(frames).len() == 5000).await;
    assert_eq!(bodies(&frames).len(), 5000);
}

async fn a_reader_behind_by_a_few_large_messages_is_disconnected(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let lobby = w.lobby(&ada).await.id;
    let cursor = w.service.snapshot(&mara).await.unwrap().cursor;
    let mut slow = w.service.subscribe(&mara, None).await.unwrap();
    let mut quick = w.service.subscribe(&ada, None).await.unwrap();
    for number in 0..30 {
        w.send_message(&ada, lobby, &format!("{number} {}", "http://a ".repeat(1_700))).await;
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
    let mut again = w.service.subscribe(&mara, Some(cursor)).await.unwrap();
    let frames = read_until(&mut again, |frames| bodies(frames).len() == 30).await;
    let numbers = bodies(&frames).into_iter().filter_map(|body| body.split(' ').next()?.parse::<u32>().ok());
    assert!(numbers.eq(0..30), "each message once and in order");
}

async fn long_polling_returns_at_once_or_waits_for_events(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let lobby = w.lobby(&ada).await.id;
    let cursor = w.service.snapshot(&mara).await.unwrap().cursor;
    let empty = w.service.events(&mara, cursor, 0).await.unwrap();
    assert_eq!((empty.items.len(), empty.cursor), (0, cursor));
    let service = w.service.clone();
    let waiting = tokio::spawn(async move { service.events(&mara, cursor, 60).await.unwrap() });
    w.send_message(&ada, lobby, "there").await;
    let answer = waiting.await.unwrap();
    assert_eq!(answer.items.len(), 1);
    let again = w.service.events(&mara, cursor, 60).await.unwrap();
    assert_eq!(again.items, answer.items);
    assert!(w.service.events(&mara, again.cursor, 0).await.unwrap().items.is_empty());
    let foreign = Cursor { epoch: cursor.epoch ^ 1, position: 0 };
    assert_eq!(w.service.events(&mara, foreign, 60).await.unwrap().reset, Some(Reset::Unknown));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_notify_each_other_over_nats_and_its_loss_loses_no_events() {
    let mut w = TestApp::postgres().await;
    let mut nats = crate::world::Nats::start().await;
    w.settings.feed_url = Some(nats.url.clone());
    let (one, other) = (w.start_node().await, w.start_node().await);
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let lobby = w.lobby(&ada).await.id;
    let mut listener = other.subscribe(&mara, None).await.unwrap();
    for n in 0..40 {
        if n == 20 {
            nats.kill().await;
        }
        let node = if n % 2 == 0 { &one } else { &other };
        node.send(&ada, lobby, message_command(&w.clock, &n.to_string())).await.unwrap();
    }
    let frames = read_until(&mut listener, |frames| bodies(frames).len() == 40).await;
    let expected: Vec<_> = (0..40).map(|n| n.to_string()).collect();
    assert_eq!(bodies(&frames), expected);
}

/// More wakes than the client of NATS would hold, and more batches than the feed would.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_nats_outage_blocks_neither_writes_nor_shutdown() {
    let mut w = TestApp::postgres().await;
    let mut nats = crate::world::Nats::start().await;
    w.settings.feed_url = Some(nats.url.clone());
    let node = w.start_node().await;
    let ada = w.create_user("ada").await;
    let lobby = w.lobby(&ada).await.id;
    let mut listener = node.subscribe(&ada, None).await.unwrap();
    nats.kill().await;
    for n in 0..2300 {
        node.send(&ada, lobby, message_command(&w.clock, &n.to_string())).await.unwrap();
    }
    let (mut received, mut frames) = (0, Vec::new());
    while received < 2300 {
        frames.clear();
        listener.next(&mut frames).await.unwrap();
        received += bodies(&parse_frames(&frames)).len();
    }
    node.stop().await;
}

async fn events_are_delivered_across_nodes(w: TestApp) {
    if w.settings.database_url.is_none() {
        // SQLite serves one node; its stream also goes on after a restart.
        let ada = w.create_user("ada").await;
        let cursor = w.service.snapshot(&ada).await.unwrap().cursor;
        w.send_message(&ada, w.lobby(&ada).await.id, "before").await;
        w.service.stop().await;
        let again = w.start_node().await;
        assert_eq!(again.events(&ada, cursor, 0).await.unwrap().items.len(), 1);
        return;
    }
    let other = w.start_node().await;
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let lobby = w.lobby(&ada).await.id;
    let mut listener = other.subscribe(&mara, None).await.unwrap();
    for n in 0..20 {
        let node = if n % 2 == 0 { &w.service } else { &other };
        node.send(&ada, lobby, message_command(&w.clock, &n.to_string())).await.unwrap();
    }
    let frames = read_until(&mut listener, |frames| bodies(frames).len() == 20).await;
    let expected: Vec<_> = (0..20).map(|n| n.to_string()).collect();
    assert_eq!(bodies(&frames), expected);
}
