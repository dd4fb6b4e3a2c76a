//! Changing, archiving and deleting rooms, their settings and permissions.

use crate::harness::{TestApp, message_command};
use protocol::{
    Result,
    command::{
        AddMembers, CreateRoom, EditMessage, HistoryRange, InviteToRoom, MarkRead, SetRole, SetRoomRole, UpdateRoom,
        UpdateRoomSettings,
    },
    error::Code,
    event::{Change, Event},
    id::{RoomId, UserId},
    message::MessageKind,
    permissions::RoomPermissionOverrides,
    port::prelude::*,
    room::{RoomKind, RoomRole, RoomSettings, Visibility},
    session::Caller,
    user::Role,
};

on_both_databases! {
    a_room_is_changed_by_who_may_edit_it
    only_what_is_named_changes_and_its_members_hear_it
    names_of_public_rooms_stay_unique
    the_lobby_stays_public_and_open
    owners_decide_who_may_do_what
    announcements_are_sent_by_moderators_and_owners
    slow_mode_makes_members_wait
    a_full_room_takes_nobody_more
    newcomers_see_no_history_where_it_is_hidden
}

pub fn code<T>(result: Result<T>) -> Result<(), Code> {
    result.map(drop).map_err(|error| error.code)
}

fn settings(settings: UpdateRoomSettings) -> UpdateRoom {
    UpdateRoom { settings, ..UpdateRoom::default() }
}

pub fn topic(text: &str) -> UpdateRoom {
    UpdateRoom { topic: Some(text.into()), ..UpdateRoom::default() }
}

fn visibility(visibility: Visibility) -> UpdateRoom {
    UpdateRoom { visibility: Some(visibility), ..UpdateRoom::default() }
}

async fn give_role(app: &TestApp, by: &Caller, room: RoomId, user: UserId, role: RoomRole) {
    app.service.set_room_role(by, room, user, SetRoomRole { role }).await.unwrap();
}

/// A room of this visibility and its owner, a moderator, a member, a guest and a stranger; by name after it.
pub async fn room_with_every_role(app: &TestApp, ada: &Caller, of: Visibility) -> (RoomId, [Caller; 5]) {
    let mut users = Vec::new();
    for name in ["owner", "moderator", "member", "guest", "stranger"] {
        users.push(app.create_user(&format!("{name}{of:?}").to_lowercase()).await);
    }
    let mut users: [Caller; 5] = users.try_into().unwrap();
    let room = app.create_room(&users[0], &format!("Den {of:?}"), of).await.id;
    for user in &users[1..4] {
        app.add_member(&users[0], room, user).await.unwrap();
    }
    give_role(app, &users[0], room, users[1].user_id, RoomRole::Moderator).await;
    if of == Visibility::Private {
        app.service.set_role(ada, users[3].user_id, SetRole { role: Role::Guest }).await.unwrap();
    } else {
        give_role(app, &users[0], room, users[3].user_id, RoomRole::Guest).await;
    }
    users[3] = app.service.refresh_caller(&users[3]).await.unwrap();
    (room, users)
}

pub async fn events_since(app: &TestApp, caller: &Caller, cursor: protocol::cursor::Cursor) -> Vec<Event> {
    let (mut events, mut from) = (Vec::new(), cursor);
    let end = app.service.get_snapshot(caller).await.unwrap().cursor;
    while from.position < end.position {
        let page = app.service.poll_events(caller, from, 0).await.unwrap();
        events.extend(page.items);
        from = page.cursor;
    }
    events
}

async fn a_room_is_changed_by_who_may_edit_it(app: TestApp) {
    let ada = app.create_user("ada").await;
    for of in [Visibility::Private, Visibility::Public] {
        let (room, users) = room_with_every_role(&app, &ada, of).await;
        let stranger = if of == Visibility::Private { Code::NotFound } else { Code::NotAMember };
        let expected = [Ok(()), Ok(()), Err(Code::Forbidden), Err(Code::Forbidden), Err(stranger)];
        for (n, user) in users.iter().enumerate() {
            let changed = app.service.update_room(user, room, topic(&format!("by {n}"))).await;
            assert_eq!(code(changed), expected[n], "{of:?} {n}");
        }
        // The visibility is for owners.
        let other = if of == Visibility::Private { Visibility::Public } else { Visibility::Private };
        for (n, user) in users.iter().enumerate().rev() {
            let expected = if n == 1 { Err(Code::Forbidden) } else { expected[n] };
            assert_eq!(code(app.service.update_room(user, room, visibility(other)).await), expected, "{of:?} {n}");
        }
        assert_eq!(app.service.get_room(&users[2], room).await.unwrap().visibility, other);
    }
}

async fn only_what_is_named_changes_and_its_members_hear_it(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let settings_of_room = UpdateRoomSettings {
        member_limit: Some(Some(9)),
        retention_days: Some(Some(30)),
        ..UpdateRoomSettings::default()
    };
    let command = CreateRoom {
        name: "Den".into(),
        emoji: "🦁".into(),
        topic: "lions".into(),
        settings: settings_of_room,
        ..CreateRoom::default()
    };
    let den = app.service.create_room(&ada, command, None).await.unwrap().value;
    let expected = RoomSettings { member_limit: Some(9), retention_days: Some(30), ..RoomSettings::default() };
    assert_eq!((den.emoji.as_str(), den.settings), ("🦁", expected));
    app.service.join_room(&mara, den.id).await.unwrap();
    app.send_message(&ada, den.id, "hello").await;
    let cursor = app.service.get_snapshot(&mara).await.unwrap().cursor;
    let mut change = settings(UpdateRoomSettings { member_limit: Some(None), ..UpdateRoomSettings::default() });
    change.name = Some(" Lair ".into());
    let changed = app.service.update_room(&ada, den.id, change.clone()).await.unwrap();
    assert_eq!(changed.settings, RoomSettings { member_limit: None, ..expected });
    assert_eq!((changed.name.as_str(), changed.topic.as_str(), changed.head), ("Lair", "lions", 3));
    assert_eq!(app.service.get_room(&ada, den.id).await.unwrap(), changed);
    // Nothing changes the second time.
    app.service.update_room(&ada, den.id, change).await.unwrap();
    app.service.update_room(&ada, den.id, UpdateRoom::default()).await.unwrap();
    let events = events_since(&app, &mara, cursor).await;
    let [Event { change: Change::RoomUpdated(told), .. }, Event { change: Change::MessageCreated(line), .. }] =
        &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!((line.kind, line.body.as_str()), (MessageKind::Renamed, "Lair"));
    assert_eq!(*told, protocol::room::Room { membership: None, ..changed });
}

async fn names_of_public_rooms_stay_unique(app: TestApp) {
    let ada = app.create_user("ada").await;
    let den = app.create_room(&ada, "Den", Visibility::Public).await.id;
    let other = app.create_room(&ada, "Attic", Visibility::Public).await.id;
    let secret = app.create_room(&ada, "Den", Visibility::Private).await.id;
    let name = |text: &str| UpdateRoom { name: Some(text.into()), ..UpdateRoom::default() };
    // The second letter is Cyrillic.
    for (room, command) in [(other, name("den")), (other, name("D\u{435}n")), (secret, visibility(Visibility::Public))]
    {
        let error = app.service.update_room(&ada, room, command).await.unwrap_err();
        assert_eq!((error.code, error.errors[0].field.as_str()), (Code::RoomNameTaken, "name"));
    }
    assert_eq!(app.service.update_room(&ada, den, name("DEN")).await.unwrap().name, "DEN");
    // The name of a deleted or private room is free.
    app.service.update_room(&ada, den, visibility(Visibility::Private)).await.unwrap();
    app.service.update_room(&ada, secret, visibility(Visibility::Public)).await.unwrap();
    app.service.delete_room(&ada, secret).await.unwrap();
    app.service.update_room(&ada, other, name("Den")).await.unwrap();
}

async fn the_lobby_stays_public_and_open(app: TestApp) {
    let ada = app.create_user("ada").await;
    let lobby = app.lobby(&ada).await.id;
    let limited = UpdateRoomSettings { member_limit: Some(Some(5)), ..UpdateRoomSettings::default() };
    for refused in [
        code(app.service.update_room(&ada, lobby, visibility(Visibility::Private)).await),
        code(app.service.update_room(&ada, lobby, settings(limited)).await),
        code(app.service.archive_room(&ada, lobby).await),
        code(app.service.restore_room(&ada, lobby).await),
        code(app.service.delete_room(&ada, lobby).await),
    ] {
        assert_eq!(refused, Err(Code::LobbyMembershipFixed));
    }
    assert_eq!(app.service.update_room(&ada, lobby, topic("Welcome")).await.unwrap().topic, "Welcome");
}

async fn owners_decide_who_may_do_what(app: TestApp) {
    let ada = app.create_user("ada").await;
    let (room, users) = room_with_every_role(&app, &ada, Visibility::Private).await;
    let [owner, moderator, member, guest, stranger] = &users;
    let table = app.service.get_room_permissions(member, room).await.unwrap();
    assert_eq!((table.permissions, table.overrides), (table.defaults, RoomPermissionOverrides::default()));
    assert_eq!(code(app.service.get_room_permissions(stranger, room).await), Err(Code::NotFound));
    let overrides = RoomPermissionOverrides {
        post: Some(RoomRole::Member),
        add: Some(RoomRole::Member),
        edit_room: Some(RoomRole::Owner),
        ..RoomPermissionOverrides::default()
    };
    for (user, refusal) in
        [(moderator, Code::Forbidden), (member, Code::Forbidden), (guest, Code::Forbidden), (stranger, Code::NotFound)]
    {
        assert_eq!(code(app.service.set_room_permissions(user, room, overrides).await), Err(refusal));
    }
    let cursor = app.service.get_snapshot(member).await.unwrap().cursor;
    let table = app.service.set_room_permissions(owner, room, overrides).await.unwrap();
    assert_eq!(table.overrides, overrides);
    assert_eq!(app.service.get_room(member, room).await.unwrap().permissions, table.permissions);
    assert_eq!(app.service.get_room_permissions(member, room).await.unwrap(), table);
    let events = events_since(&app, member, cursor).await;
    assert!(
        matches!(&events[..], [Event { change: Change::RoomUpdated(told), .. }] if told.permissions == table.permissions)
    );
    let send = async |user| code(app.service.send_message(user, room, message_command(&app.clock, "hi")).await);
    assert_eq!([send(guest).await, send(member).await], [Err(Code::Forbidden), Ok(())]);
    assert_eq!(code(app.service.update_room(moderator, room, topic("x")).await), Err(Code::Forbidden));
    assert_eq!(app.add_member(member, room, stranger).await.unwrap().added.len(), 1);
    // What is left out has its default again.
    let table = app.service.set_room_permissions(owner, room, RoomPermissionOverrides::default()).await.unwrap();
    assert_eq!(table.permissions, table.defaults);
    assert_eq!(send(guest).await, Ok(()));
}

async fn announcements_are_sent_by_moderators_and_owners(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let command = CreateRoom { name: "News".into(), kind: RoomKind::Announcement, ..CreateRoom::default() };
    // Mara owns the room; Ada, an administrator, is an owner of every public room that she is in.
    let news = app.service.create_room(&mara, command, None).await.unwrap().value;
    assert_eq!((news.kind, news.permissions.post), (RoomKind::Announcement, RoomRole::Moderator));
    let tomas = app.create_user("tomas").await;
    for user in [&ada, &tomas] {
        app.service.join_room(user, news.id).await.unwrap();
    }
    let send = async |user| code(app.service.send_message(user, news.id, message_command(&app.clock, "hi")).await);
    assert_eq!([send(&mara).await, send(&ada).await, send(&tomas).await], [Ok(()), Ok(()), Err(Code::Forbidden)]);
    give_role(&app, &mara, news.id, tomas.user_id, RoomRole::Moderator).await;
    assert_eq!(send(&tomas).await, Ok(()));
}

async fn slow_mode_makes_members_wait(app: TestApp) {
    let ada = app.create_user("ada").await;
    let (room, users) = room_with_every_role(&app, &ada, Visibility::Private).await;
    let [owner, moderator, member, guest, _] = &users;
    app.send_message(member, room, "before").await;
    let slow = UpdateRoomSettings { slow_mode_seconds: Some(30), ..UpdateRoomSettings::default() };
    app.service.update_room(owner, room, settings(slow)).await.unwrap();
    let first = message_command(&app.clock, "first");
    app.service.send_message(member, room, first.clone()).await.unwrap();
    app.clock.advance(10_000);
    let error = app.service.send_message(member, room, message_command(&app.clock, "second")).await.unwrap_err();
    assert_eq!(error.code, Code::SlowMode);
    assert!(error.retry_after.is_some_and(|seconds| (19..=21).contains(&seconds)), "{error:?}");
    // A repeat is not a second message; and others do not wait for one's own.
    assert!(!app.service.send_message(member, room, first).await.unwrap().new);
    app.send_message(guest, room, "mine").await;
    for user in [owner, moderator] {
        app.send_message(user, room, "one").await;
        app.send_message(user, room, "two").await;
    }
    // Of two that are sent together, one is stored.
    app.clock.advance(30_000);
    let (one, other) = tokio::join!(
        app.service.send_message(member, room, message_command(&app.clock, "one")),
        app.service.send_message(member, room, message_command(&app.clock, "other"))
    );
    let mut outcomes = [code(one), code(other)];
    outcomes.sort_by_key(Result::is_err);
    assert_eq!(outcomes, [Ok(()), Err(Code::SlowMode)]);
    // Elsewhere, and when it is turned off, nobody waits.
    let lobby = app.lobby(member).await.id;
    app.send_message(member, lobby, "one").await;
    app.send_message(member, lobby, "two").await;
    let off = UpdateRoomSettings { slow_mode_seconds: Some(0), ..UpdateRoomSettings::default() };
    app.service.update_room(owner, room, settings(off)).await.unwrap();
    app.send_message(member, room, "three").await;
}

async fn a_full_room_takes_nobody_more(app: TestApp) {
    let (ada, mara, tomas) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("tomas").await);
    let den = app.create_room(&ada, "Den", Visibility::Public).await.id;
    let invite = InviteToRoom { user_id: tomas.user_id, expires_in: None };
    let invitation = app.service.create_room_invitation(&ada, den, invite).await.unwrap().value.id;
    let limit = |limit| settings(UpdateRoomSettings { member_limit: Some(limit), ..UpdateRoomSettings::default() });
    app.service.update_room(&ada, den, limit(Some(2))).await.unwrap();
    let both = AddMembers { user_ids: vec![mara.user_id, tomas.user_id] };
    let outcome = app.service.add_members(&ada, den, both).await.unwrap();
    let refused: Vec<_> = outcome.refused.iter().map(|refused| refused.code).collect();
    assert_eq!((outcome.added.len(), outcome.invited.len() + refused.len()), (1, 1));
    let outside = if outcome.added[0].is(mara.user_id) { &tomas } else { &mara };
    assert_eq!(code(app.service.join_room(outside, den).await), Err(Code::RoomFull));
    if outcome.added[0].is(mara.user_id) {
        assert_eq!(code(app.service.accept_invitation(&tomas, invitation).await), Err(Code::RoomFull));
    }
    let yuki = app.create_user("yuki").await;
    let outcome = app.add_member(&ada, den, &yuki).await.unwrap();
    assert_eq!(outcome.refused.iter().map(|refused| refused.code).collect::<Vec<_>>(), [Code::RoomFull]);
    // A smaller limit removes nobody; without one there is space.
    app.service.update_room(&ada, den, limit(None)).await.unwrap();
    app.service.join_room(&yuki, den).await.unwrap();
    assert_eq!(app.service.update_room(&ada, den, limit(Some(2))).await.unwrap().member_count, 3);
}

async fn newcomers_see_no_history_where_it_is_hidden(app: TestApp) {
    let (ada, mara, tomas) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("tomas").await);
    let den = app.create_room(&ada, "Den", Visibility::Public).await.id;
    app.service.join_room(&mara, den).await.unwrap();
    let before = app.service.get_snapshot(&tomas).await.unwrap().cursor;
    let old = app.send_message(&ada, den, "from before").await;
    let hidden = UpdateRoomSettings { history_visible: Some(false), ..UpdateRoomSettings::default() };
    app.service.update_room(&ada, den, settings(hidden)).await.unwrap();
    app.service.join_room(&tomas, den).await.unwrap();
    let new = app.send_message(&ada, den, "from after").await;
    for range in [
        HistoryRange::Latest,
        HistoryRange::BeforeSeq(9),
        HistoryRange::AfterSeq(0),
        HistoryRange::AroundSeq(old.seq),
        HistoryRange::Around(new.id),
    ] {
        let seen = async |user| {
            let history = app.service.list_messages(user, den, range, 50).await.unwrap();
            history
                .items
                .into_iter()
                .filter(|message| message.kind.is_text())
                .map(|message| message.seq)
                .collect::<Vec<_>>()
        };
        assert_eq!(seen(&tomas).await, [new.seq], "{range:?}");
        // Who was there already sees what they saw.
        assert_eq!(seen(&mara).await, [old.seq, new.seq], "{range:?}");
    }
    let read = MarkRead { message_id: old.id };
    for refused in [
        code(app.service.get_message(&tomas, old.id).await),
        code(app.service.list_messages(&tomas, den, HistoryRange::Around(old.id), 5).await),
        code(app.service.list_messages(&tomas, den, HistoryRange::After(old.id), 5).await),
        code(app.service.mark_read(&tomas, den, read).await),
        code(app.service.delete_message(&tomas, old.id).await),
    ] {
        assert_eq!(refused, Err(Code::NotFound));
    }
    // Nor by what they missed, also when it is edited later; and not while they listen.
    let mut live = app.service.subscribe(&tomas, None).await.unwrap();
    app.service.edit_message(&ada, old.id, EditMessage { body: "from before, edited".into() }).await.unwrap();
    app.service.edit_message(&ada, new.id, EditMessage { body: "from after, edited".into() }).await.unwrap();
    let seen = |events: &[Event]| {
        let seqs = events.iter().filter_map(|event| match &event.change {
            Change::MessageCreated(message) | Change::MessageUpdated(message) if message.kind.is_text() => {
                Some(message.seq)
            }
            _ => None,
        });
        seqs.collect::<Vec<_>>()
    };
    assert_eq!(seen(&events_since(&app, &tomas, before).await), [new.seq, new.seq]);
    assert_eq!(seen(&events_since(&app, &mara, before).await), [old.seq, new.seq, old.seq, new.seq]);
    let mut frames = Vec::new();
    while !crate::harness::texts(&frames).iter().any(|text| text.contains("from after, edited")) {
        live.next(&mut frames).await.unwrap();
    }
    assert!(!crate::harness::texts(&frames).iter().any(|text| text.contains("from before")));
    // Where it is visible, a newcomer sees all.
    let visible = UpdateRoomSettings { history_visible: Some(true), ..UpdateRoomSettings::default() };
    app.service.update_room(&ada, den, settings(visible)).await.unwrap();
    let yuki = app.create_user("yuki").await;
    app.service.join_room(&yuki, den).await.unwrap();
    assert_eq!(app.service.get_message(&yuki, old.id).await.unwrap().seq, old.seq);
}
