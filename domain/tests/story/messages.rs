use crate::harness::{TestApp, message_command};
use protocol::{
    command::{CreateRoom, EditMessage, HistoryRange, SendMessage},
    error::Code,
    id::{ClientId, MessageId},
    port::prelude::*,
    room::Visibility,
};

on_both_databases! {
    a_message_is_numbered_rendered_and_stored
    a_repeated_send_is_stored_once
    a_client_id_identifies_one_message_in_one_room
    a_thousand_concurrent_messages_are_stored_once_without_gaps
    invalid_messages_are_rejected_and_change_nothing
    line_breaks_are_stored_as_line_feeds
    only_the_author_can_edit_a_message
    a_deleted_message_keeps_its_sequence_number_and_loses_its_body
    history_can_be_read_before_after_and_around_a_message
    history_has_each_text_exactly_as_it_was_sent
    only_members_can_read_a_rooms_history
    a_former_member_cannot_reach_messages_by_their_ids
}

async fn a_message_is_numbered_rendered_and_stored(app: TestApp) {
    let ada = app.create_user("ada").await;
    let hall = app.create_room(&ada, "hall", Visibility::Public).await.id;
    let first = app.send_message(&ada, hall, "**hello** <script>").await;
    assert_eq!((first.seq, first.version, first.author.username.as_str()), (1, 1, "ada"));
    assert_eq!(first.html, "<p><strong>hello</strong> &lt;script&gt;</p>");
    assert_eq!(app.send_message(&ada, hall, "again").await.seq, 2);
    assert_eq!(app.service.get_message(&ada, first.id).await.unwrap(), first);
    let history = app.service.list_messages(&ada, hall, HistoryRange::Latest, 50).await.unwrap();
    assert_eq!(history.items[0], first);
}

async fn a_repeated_send_is_stored_once(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let lobby = app.lobby(&ada).await.id;
    let command = SendMessage { body: "once".into(), client_id: ClientId("c-1".into()) };
    let first = app.service.send_message(&ada, lobby, command.clone()).await.unwrap();
    let (a, b) = tokio::join!(
        app.service.send_message(&ada, lobby, command.clone()),
        app.service.send_message(&ada, lobby, command.clone())
    );
    for again in [a.unwrap(), b.unwrap()] {
        assert!(first.new && !again.new);
        assert_eq!(first.value, again.value);
    }
    assert!(
        app.service.send_message(&mara, lobby, command).await.unwrap().new,
        "client ids of another author are independent"
    );
}

async fn a_client_id_identifies_one_message_in_one_room(app: TestApp) {
    let ada = app.create_user("ada").await;
    let (hall, den) = (
        app.create_room(&ada, "hall", Visibility::Public).await.id,
        app.create_room(&ada, "den", Visibility::Private).await.id,
    );
    let command = |body: &str| SendMessage { body: body.into(), client_id: ClientId("c-1".into()) };
    // Concurrently in one transaction, or one after the other: one is stored, and only an equal command is a repeat.
    for round in 0..2 {
        let outcomes = tokio::join!(
            app.service.send_message(&ada, hall, command("once")),
            app.service.send_message(&ada, hall, command("other words")),
            app.service.send_message(&ada, den, command("once")),
            app.service.send_message(&ada, hall, command("once"))
        );
        let (first, again) = (outcomes.0.unwrap(), outcomes.3.unwrap());
        assert_eq!((first.new, again.new, first.value == again.value), (round == 0, false, true));
        for refused in [outcomes.1, outcomes.2] {
            assert_eq!(refused.unwrap_err().code, Code::ClientIdReused);
        }
    }
    assert_eq!(
        (app.service.get_room(&ada, hall).await.unwrap().head, app.service.get_room(&ada, den).await.unwrap().head),
        (1, 0)
    );
    // Neither an edit nor leaving the room changes that.
    let message = app.send_message(&ada, den, "first").await;
    app.service.edit_message(&ada, message.id, EditMessage { body: "second".into() }).await.unwrap();
    let again = |body: &str| SendMessage { body: body.into(), client_id: message.client_id.clone() };
    assert_eq!(app.service.send_message(&ada, den, again("first")).await.unwrap().value.body, "second");
    app.service.leave_room(&ada, den).await.unwrap();
    assert!(!app.service.send_message(&ada, den, again("first")).await.unwrap().new);
    for (room, body) in [(den, "second"), (hall, "first")] {
        assert_eq!(app.service.send_message(&ada, room, again(body)).await.unwrap_err().code, Code::ClientIdReused);
    }
    // For messages stored by an earlier version, only the room is compared.
    app.execute("update messages set body_hash = null").await;
    assert!(!app.service.send_message(&ada, hall, command("other words")).await.unwrap().new);
    assert_eq!(app.service.send_message(&ada, den, command("once")).await.unwrap_err().code, Code::ClientIdReused);
}

async fn a_thousand_concurrent_messages_are_stored_once_without_gaps(app: TestApp) {
    let ada = app.create_user("ada").await;
    let hall = app.create_room(&ada, "hall", Visibility::Public).await.id;
    let den = app.create_room(&ada, "den", Visibility::Public).await.id;
    let sends = (0..1000).map(|n| {
        let (service, clock) = (app.service.clone(), app.clock.clone());
        tokio::spawn(async move {
            let room = if n % 3 == 0 { den } else { hall };
            service.send_message(&ada, room, message_command(&clock, &n.to_string())).await.unwrap().value
        })
    });
    let mut seqs = std::collections::BTreeMap::<_, Vec<i64>>::new();
    for send in sends.collect::<Vec<_>>() {
        let message = send.await.unwrap();
        seqs.entry(message.room_id).or_default().push(message.seq);
    }
    for seqs in seqs.values_mut() {
        seqs.sort_unstable();
        assert!(seqs.iter().copied().eq(1..=i64::try_from(seqs.len()).unwrap()));
    }
}

async fn invalid_messages_are_rejected_and_change_nothing(app: TestApp) {
    let ada = app.create_user("ada").await;
    let hall = app.create_room(&ada, "hall", Visibility::Public).await.id;
    let long = "x".repeat(16_001);
    for (body, id, field) in [
        ("", "c", "body"),
        (" \n ", "c", "body"),
        ("\u{2800}\u{200b}", "c", "body"),
        ("&nbsp;", "c", "body"),
        (&long, "c", "body"),
        ("nul \0", "c", "body"),
        ("fine", "", "client_id"),
        ("fine", "with space", "client_id"),
        ("fine", &long, "client_id"),
    ] {
        let command = SendMessage { body: body.into(), client_id: ClientId(id.into()) };
        let error = app.service.send_message(&ada, hall, command).await.unwrap_err();
        assert_eq!((error.code, error.errors[0].field.as_str()), (Code::Invalid, field), "{body:.20}");
    }
    assert_eq!(app.service.get_room(&ada, hall).await.unwrap().head, 0);
}

async fn line_breaks_are_stored_as_line_feeds(app: TestApp) {
    let ada = app.create_user("ada").await;
    let lobby = app.lobby(&ada).await.id;
    let message = app.send_message(&ada, lobby, "one\r\ntwo\rthree\n").await;
    assert_eq!(message.body, "one\ntwo\nthree\n");
    // A form sends two characters for each break; the limit counts one.
    let longest = "x\r\n".repeat(8_000);
    let edited = app.service.edit_message(&ada, message.id, EditMessage { body: longest.clone() }).await.unwrap();
    assert_eq!(edited.body, "x\n".repeat(8_000));
    let sent = app.send_message(&ada, lobby, &longest).await;
    assert_eq!(app.service.get_message(&ada, sent.id).await.unwrap().body, edited.body);
    let too_long = EditMessage { body: longest + "x" };
    assert_eq!(app.service.edit_message(&ada, message.id, too_long).await.unwrap_err().code, Code::Invalid);
    let room = CreateRoom {
        name: "den".into(),
        visibility: Visibility::Private,
        topic: String::new(),
        description: "one\r\ntwo".into(),
        ..CreateRoom::default()
    };
    assert_eq!(app.service.create_room(&ada, room, None).await.unwrap().value.description, "one\ntwo");
}

async fn only_the_author_can_edit_a_message(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let lobby = app.lobby(&ada).await.id;
    let message = app.send_message(&mara, lobby, "teh").await;
    let edit = |body: &str| EditMessage { body: body.into() };
    let edited = app.service.edit_message(&mara, message.id, edit("the")).await.unwrap();
    assert_eq!((edited.body.as_str(), edited.html.as_str(), edited.version), ("the", "<p>the</p>", 2));
    assert!(edited.edited_at.is_some());
    assert_eq!(app.service.edit_message(&mara, message.id, edit("the")).await.unwrap().version, 2);
    assert_eq!(app.service.edit_message(&ada, message.id, edit("mine")).await.unwrap_err().code, Code::Forbidden);
    assert_eq!(app.service.edit_message(&mara, message.id, edit(" ")).await.unwrap_err().code, Code::Invalid);
    let nothing = MessageId(app.clock.id());
    assert_eq!(app.service.edit_message(&mara, nothing, edit("x")).await.unwrap_err().code, Code::NotFound);
}

async fn a_deleted_message_keeps_its_sequence_number_and_loses_its_body(app: TestApp) {
    let (ada, mara, yuki) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("yuki").await);
    let lobby = app.lobby(&ada).await.id;
    let message = app.send_message(&mara, lobby, "oops").await;
    assert_eq!(app.service.delete_message(&yuki, message.id).await.unwrap_err().code, Code::Forbidden);
    let deleted = app.service.delete_message(&ada, message.id).await.unwrap();
    assert_eq!(
        (deleted.deleted, deleted.body.as_str(), deleted.html.as_str(), deleted.seq),
        (true, "", "", message.seq)
    );
    assert_eq!(app.service.delete_message(&mara, message.id).await.unwrap(), deleted);
    let edit = EditMessage { body: "back".into() };
    assert_eq!(app.service.edit_message(&mara, message.id, edit).await.unwrap_err().code, Code::MessageDeleted);
}

async fn history_can_be_read_before_after_and_around_a_message(app: TestApp) {
    let ada = app.create_user("ada").await;
    let hall = app.create_room(&ada, "hall", Visibility::Public).await.id;
    let mut message_ids = Vec::new();
    for n in 1..=10 {
        message_ids.push(app.send_message(&ada, hall, &n.to_string()).await.id);
    }
    let read = async |range, limit| {
        let page = app.service.list_messages(&ada, hall, range, limit).await.unwrap();
        (page.items.iter().map(|m| m.seq).collect::<Vec<_>>(), page.older, page.newer, page.next_cursor)
    };
    assert_eq!(read(HistoryRange::Latest, 3).await, (vec![8, 9, 10], true, false, Some("b.8".into())));
    assert_eq!(read(HistoryRange::Latest, 50).await, ((1..=10).collect(), false, false, None));
    assert_eq!(read("b.8".parse().unwrap(), 3).await, (vec![5, 6, 7], true, true, Some("b.5".into())));
    assert_eq!(read(HistoryRange::Before(message_ids[2]), 5).await, (vec![1, 2], false, true, None));
    assert_eq!(read(HistoryRange::After(message_ids[2]), 3).await, (vec![4, 5, 6], true, true, Some("a.6".into())));
    assert_eq!(read(HistoryRange::After(message_ids[8]), 3).await, (vec![10], true, false, None));
    assert_eq!(read(HistoryRange::Around(message_ids[4]), 4).await, (vec![3, 4, 5, 6], true, true, Some("a.6".into())));
    assert_eq!(read(HistoryRange::BeforeSeq(11), 2).await, (vec![9, 10], true, false, Some("b.9".into())));
    let unknown = HistoryRange::Around(MessageId(app.clock.id()));
    let error = app.service.list_messages(&ada, hall, unknown, 4).await.unwrap_err();
    assert_eq!(error.code, Code::NotFound);
}

async fn a_former_member_cannot_reach_messages_by_their_ids(app: TestApp) {
    let (ada, mara, yuki) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("yuki").await);
    for visibility in [Visibility::Private, Visibility::Public] {
        let den = app.create_room(&ada, &format!("den {visibility:?}"), visibility).await.id;
        for user in [&mara, &yuki] {
            app.add_member(&ada, den, user).await.unwrap();
        }
        let own = [app.send_message(&mara, den, "from mara").await, app.send_message(&yuki, den, "from yuki").await];
        app.service.leave_room(&mara, den).await.unwrap();
        app.service.remove_member(&ada, den, yuki.user_id).await.unwrap();
        for (user, message) in [(&mara, &own[0]), (&yuki, &own[1]), (&mara, &own[1])] {
            let edit = EditMessage { body: "changed".into() };
            let outcomes = [
                app.service.get_message(user, message.id).await.map(|_| ()),
                app.service.edit_message(user, message.id, edit).await.map(|_| ()),
                app.service.delete_message(user, message.id).await.map(|_| ()),
                app.service.list_messages(user, den, HistoryRange::Around(message.id), 5).await.map(|_| ()),
            ];
            for outcome in outcomes {
                let code = outcome.unwrap_err().code;
                assert!(matches!(code, Code::NotFound | Code::NotAMember), "{visibility:?}: {code:?}");
            }
        }
        for message in own {
            assert_eq!(app.service.get_message(&ada, message.id).await.unwrap(), message, "unchanged");
        }
    }
}

async fn history_has_each_text_exactly_as_it_was_sent(app: TestApp) {
    let ada = app.create_user_named("ada", "Ada \"\\/ 👩\u{200d}🚀 é ﷺ").await;
    let hall = app.create_room(&ada, "hall", Visibility::Public).await.id;
    let controls: String = (1..=0x9f_u32).filter_map(char::from_u32).collect();
    let edges = "\u{2028}\u{2029}\u{feff}\u{fffd}\u{ffff}\u{10ffff}\u{d7ff}\u{e000}";
    for body in
        [controls.as_str(), edges, "\"\\\\u0000\\\"{}[]", "😀 e\u{301} 中文 עברית", "null", "1e400", "<p>&amp;</p>"]
    {
        app.send_message(&ada, hall, &format!("{body}.")).await;
    }
    let deleted = app.send_message(&ada, hall, "gone").await;
    app.service.delete_message(&ada, deleted.id).await.unwrap();
    let edited = app.send_message(&ada, hall, "before").await;
    app.service.edit_message(&ada, edited.id, EditMessage { body: "after".into() }).await.unwrap();
    for range in [HistoryRange::Latest, HistoryRange::AfterSeq(0), HistoryRange::AroundSeq(5)] {
        let history = app.service.list_messages(&ada, hall, range, 50).await.unwrap();
        assert_eq!(history.items.len(), 9);
        for (seq, message) in (1..).zip(history.items) {
            assert_eq!(message.seq, seq);
            assert_eq!(message, app.service.get_message(&ada, message.id).await.unwrap());
        }
    }
}

async fn only_members_can_read_a_rooms_history(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    for (visibility, code) in [(Visibility::Private, Code::NotFound), (Visibility::Public, Code::NotAMember)] {
        let room = app.create_room(&ada, &format!("den {visibility:?}"), visibility).await.id;
        let message = app.send_message(&ada, room, "between us").await;
        let before_joining = app.service.list_messages(&mara, room, HistoryRange::Latest, 50).await;
        assert_eq!(before_joining.unwrap_err().code, code);
        app.add_member(&ada, room, &mara).await.unwrap();
        let latest = app.service.list_messages(&mara, room, HistoryRange::Latest, 50).await.unwrap();
        assert_eq!(latest.items[0], message);
        assert_eq!(latest.items.len(), 2, "and the line that Mara was added");
        app.service.leave_room(&mara, room).await.unwrap();
        let unknown = MessageId(uuid::Uuid::nil());
        for range in [
            HistoryRange::Latest,
            HistoryRange::BeforeSeq(9),
            HistoryRange::AfterSeq(0),
            HistoryRange::AroundSeq(1),
            HistoryRange::Before(message.id),
            HistoryRange::After(message.id),
            HistoryRange::Around(message.id),
            HistoryRange::Around(unknown),
        ] {
            assert_eq!(app.service.list_messages(&mara, room, range, 50).await.unwrap_err().code, code, "{range:?}");
        }
    }
}
