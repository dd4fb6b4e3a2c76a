//! For every command, the state before it and the events it emitted give the state after it, with the same `apply` that
//! the browser runs.

mod rooms;

use crate::{
    harness::{TestApp, message_command},
    profiles::picture,
    state_equals_events::rooms::{RoomAction, change_room, room_action},
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use protocol::{
    command::{
        AddMembers, ClearUnread, CreateRoom, EditMessage, HistoryRange, InviteToRoom, MarkRead, OpenDirectRoom,
        ReadNotifications, RestoreUnread, SetEmail, SetRole, SetRoomNotifications, SetRoomOrder, SetStatus,
        UpdateProfile,
    },
    cursor::Cursor,
    event::{Change, Event},
    id::{MessageId, RoomId, RoomInvitationId},
    page::PageQuery,
    port::prelude::*,
    room::{NotificationLevel, Visibility},
    room_invitation::{InvitationStatus, RoomInvitation},
    session::Caller,
    settings::{Settings, Theme},
    state::{room_list::RoomList, room_state::RoomState},
    user::{Presence, Role, User},
};
use std::collections::{BTreeMap, BTreeSet};

on_both_databases! { state_before_and_events_give_state_after }

/// A command; its room, users and message are chosen by index.
#[derive(Clone, Debug)]
enum Action {
    CreateRoom(bool),
    Room(RoomAction),
    Join,
    Leave,
    Add(usize, usize),
    Remove(usize),
    Invite(usize),
    Revoke,
    Accept,
    Decline,
    Send,
    Edit(usize),
    Delete(usize),
    MarkRead(usize),
    MarkUnread(usize),
    ClearUnread(bool),
    RestoreUnread(usize, usize),
    Block(usize),
    Unblock(usize),
    Register,
    Logout,
    Rename,
    SetStatus(bool),
    SetEmail(bool),
    SetAvatar(usize),
    ReplaceSettings(bool),
    ReadNotifications(bool),
    Purge(i64),
    Own(OwnAction),
}

/// What a user does for their own list of rooms.
#[derive(Clone, Debug)]
enum OwnAction {
    OpenDirect(usize, usize),
    Favorite(bool),
    SetNotifications(bool),
    SetOrder(usize),
}

fn action() -> impl Strategy<Value = (usize, usize, Action)> {
    let kind = prop_oneof![
        1 => any::<bool>().prop_map(Action::CreateRoom),
        14 => room_action().prop_map(Action::Room),
        3 => Just(Action::Join),
        2 => Just(Action::Leave),
        3 => (0..5usize, 0..5usize).prop_map(|(one, other)| Action::Add(one, other)),
        2 => (0..5usize).prop_map(Action::Invite),
        1 => Just(Action::Revoke),
        2 => Just(Action::Accept),
        1 => Just(Action::Decline),
        1 => (0..5usize).prop_map(Action::Remove),
        8 => Just(Action::Send),
        3 => (0..50usize).prop_map(Action::Edit),
        2 => (0..50usize).prop_map(Action::Delete),
        3 => (0..50usize).prop_map(Action::MarkRead),
        3 => (0..50usize).prop_map(Action::MarkUnread),
        1 => any::<bool>().prop_map(Action::ClearUnread),
        1 => (0..50usize, 0..50usize).prop_map(|(one, other)| Action::RestoreUnread(one, other)),
        2 => (0..5usize).prop_map(Action::Block),
        2 => (0..5usize).prop_map(Action::Unblock),
        1 => Just(Action::Register),
        1 => Just(Action::Logout),
        2 => Just(Action::Rename),
        1 => any::<bool>().prop_map(Action::SetStatus),
        1 => any::<bool>().prop_map(Action::SetEmail),
        1 => (0..3usize).prop_map(Action::SetAvatar),
        1 => any::<bool>().prop_map(Action::ReplaceSettings),
        2 => any::<bool>().prop_map(Action::ReadNotifications),
        2 => (1..4_i64).prop_map(Action::Purge),
        8 => own_action().prop_map(Action::Own),
    ];
    (0..5usize, 0..8usize, kind)
}

fn own_action() -> impl Strategy<Value = OwnAction> {
    prop_oneof![
        3 => (0..5usize, 0..5usize).prop_map(|(one, other)| OwnAction::OpenDirect(one, other)),
        2 => any::<bool>().prop_map(OwnAction::Favorite),
        2 => any::<bool>().prop_map(OwnAction::SetNotifications),
        1 => (0..8usize).prop_map(OwnAction::SetOrder),
    ]
}

/// The state of one user's client.
#[derive(Clone, Debug, PartialEq)]
struct ClientState {
    me: User,
    list: RoomList,
    rooms: BTreeMap<RoomId, RoomState>,
    invitations: BTreeSet<RoomInvitationId>,
    cursor: Cursor,
}

async fn invitations(app: &TestApp, caller: &Caller) -> Vec<RoomInvitation> {
    app.service.list_invitations(caller, PageQuery { limit: 200, cursor: None }).await.unwrap().items
}

async fn load_state(app: &TestApp, caller: &Caller) -> ClientState {
    let caller = &app.service.refresh_caller(caller).await.unwrap();
    let snapshot = app.service.get_snapshot(caller).await.unwrap();
    let mut rooms = BTreeMap::new();
    for room in &snapshot.rooms {
        let history = app.service.list_messages(caller, room.id, HistoryRange::Latest, 100_000).await.unwrap();
        rooms.insert(room.id, RoomState::new(room.id, history));
    }
    assert_eq!(snapshot.me.settings.as_ref(), Some(&snapshot.settings));
    // Presence is never stored, so events do not update it.
    let me = User { presence: Presence::Offline, ..snapshot.me.clone() };
    let invitations = invitations(app, caller).await.into_iter().map(|one| one.id).collect();
    ClientState { me, list: RoomList::new(&snapshot), rooms, invitations, cursor: snapshot.cursor }
}

async fn events_between(app: &TestApp, caller: &Caller, mut from: Cursor, to: Cursor) -> Vec<Event> {
    let mut events = Vec::new();
    while from.position < to.position {
        let page = app.service.poll_events(caller, from, 0).await.unwrap();
        assert_eq!(page.reset, None);
        events.extend(page.items);
        from = page.cursor;
    }
    events
}

async fn state_before_and_events_give_state_after(app: TestApp) {
    let mut users = Vec::new();
    for name in ["ada", "mara", "tomas", "yuki", "gast"] {
        users.push(app.create_user(name).await);
    }
    let guest = SetRole { role: Role::Guest };
    app.service.set_role(&users[0], users[4].user_id, guest).await.unwrap();
    let den = app.create_room(&users[0], "den", Visibility::Private).await.id;
    for other in &users[1..] {
        app.add_member(&users[0], den, other).await.unwrap();
    }
    let mut rooms = vec![app.lobby(&users[0]).await.id, den];
    let mut messages: Vec<(RoomId, MessageId)> = Vec::new();
    let mut runner = TestRunner::new(Config::default());
    for round in 0..25 {
        let actions = proptest::collection::vec(action(), 1..16).new_tree(&mut runner).unwrap().current();
        // Yuki becomes a guest and a member again. The role changes before the snapshot, because a guest does not
        // receive the missed events of the Lobby.
        let role = if round % 2 == 0 { Role::Guest } else { Role::Member };
        app.service.set_role(&users[0], users[3].user_id, SetRole { role }).await.unwrap();
        let mut before = Vec::new();
        for user in &users {
            before.push(load_state(&app, user).await);
        }
        for (n, (caller, room, action)) in actions.iter().enumerate() {
            let room = rooms[room % rooms.len()];
            run(&app, &users, users[*caller], room, action, &mut rooms, &mut messages, round * 100 + n).await;
        }
        for (user, before) in users.iter().zip(before) {
            check(&app, user, before, &actions).await;
        }
    }
}

#[allow(clippy::too_many_arguments)]
async fn run(
    app: &TestApp,
    users: &[Caller],
    caller: Caller,
    room: RoomId,
    action: &Action,
    rooms: &mut Vec<RoomId>,
    messages: &mut Vec<(RoomId, MessageId)>,
    n: usize,
) {
    // The role may have changed since.
    let caller = app.service.refresh_caller(&caller).await.unwrap();
    let message = |m: &usize| (!messages.is_empty()).then(|| messages[m % messages.len()]);
    // Rejected commands are allowed: they must change nothing.
    match action {
        Action::CreateRoom(public) => {
            let visibility = if *public { Visibility::Public } else { Visibility::Private };
            let command = CreateRoom { name: format!("room {n}"), visibility, ..CreateRoom::default() };
            if let Ok(created) = app.service.create_room(&caller, command, None).await {
                rooms.push(created.value.id);
            }
        }
        Action::Room(action) => change_room(app, users, caller, room, action, n).await,
        Action::Join => drop(app.service.join_room(&caller, room).await),
        Action::Leave => drop(app.service.leave_room(&caller, room).await),
        Action::Add(one, other) => {
            let user_ids = vec![users[*one].user_id, users[*other].user_id];
            drop(app.service.add_members(&caller, room, AddMembers { user_ids }).await);
        }
        Action::Invite(other) => {
            let command = InviteToRoom { user_id: users[*other].user_id, expires_in: None };
            drop(app.service.create_room_invitation(&caller, room, command).await);
        }
        Action::Revoke => {
            let page = PageQuery { limit: 200, cursor: None };
            for one in app.service.list_room_invitations(&caller, room, page).await.map_or(vec![], |page| page.items) {
                drop(app.service.delete_room_invitation(&caller, room, one.id).await);
            }
        }
        Action::Accept => {
            for one in invitations(app, &caller).await {
                drop(app.service.accept_invitation(&caller, one.id).await);
            }
        }
        Action::Decline => {
            for one in invitations(app, &caller).await {
                app.service.decline_invitation(&caller, one.id).await.unwrap();
            }
        }
        Action::Remove(other) => drop(app.service.remove_member(&caller, room, users[*other].user_id).await),
        Action::Send => {
            if let Ok(sent) =
                app.service.send_message(&caller, room, message_command(&app.clock, &format!("message {n}"))).await
            {
                messages.push((room, sent.value.id));
            }
        }
        Action::Edit(m) => {
            if let Some((_, id)) = message(m) {
                drop(app.service.edit_message(&caller, id, EditMessage { body: format!("edited {n}") }).await);
            }
        }
        Action::Delete(m) => {
            if let Some((_, id)) = message(m) {
                drop(app.service.delete_message(&caller, id).await);
            }
        }
        Action::MarkRead(_) | Action::MarkUnread(_) | Action::ClearUnread(_) | Action::RestoreUnread(..) => {
            move_marker(app, &caller, room, action, messages).await;
        }
        Action::Rename => {
            let command = UpdateProfile { display_name: Some(format!("Name {n}")), ..UpdateProfile::default() };
            app.service.update_profile(&caller, command).await.unwrap();
        }
        Action::SetStatus(something) => {
            let text = something.then(|| format!("doing {n}"));
            app.service.set_status(&caller, SetStatus { text, ..SetStatus::default() }).await.unwrap();
        }
        Action::SetEmail(some) => {
            let email = some.then(|| format!("{n}@example.org"));
            let command = SetEmail { email, password: crate::harness::PASSWORD.into() };
            app.service.set_email(&caller, command).await.unwrap();
        }
        Action::SetAvatar(0) => app.service.remove_avatar(&caller).await.unwrap(),
        Action::SetAvatar(shade) => drop(app.service.set_avatar(&caller, picture(*shade)).await.unwrap()),
        Action::ReplaceSettings(dark) => {
            let mut settings =
                Settings { theme: if *dark { Theme::Dark } else { Theme::Light }, ..Settings::default() };
            settings.privacy.show_online = n.is_multiple_of(3);
            app.service.replace_settings(&caller, serde_json::to_value(settings).unwrap()).await.unwrap();
        }
        Action::ReadNotifications(all) => {
            let page = app.service.list_notifications(&caller, PageQuery { limit: 1, cursor: None }).await.unwrap();
            let ids = (!all).then(|| page.items.iter().map(|notification| notification.id).collect());
            app.service.read_notifications(&caller, ReadNotifications { ids }).await.unwrap();
        }
        Action::Purge(count) => purge(app, room, *count).await,
        Action::Block(other) => drop(app.service.block_user(&caller, users[*other].user_id).await),
        Action::Unblock(other) => drop(app.service.unblock_user(&caller, users[*other].user_id).await),
        Action::Own(action) => run_own(app, users, &caller, room, action, rooms).await,
        Action::Register => drop(app.register(&format!("guest{n}")).await),
        Action::Logout => {
            let login =
                protocol::command::Login { login: "ada".into(), password: crate::harness::PASSWORD.into(), totp: None };
            let tokens = app.service.login_user(&protocol::session::Client::default(), login).await.unwrap();
            let caller = app.service.authenticate(&tokens.access_token).await.unwrap();
            app.service.logout_user(&caller).await.unwrap();
        }
    }
}

/// Purges the oldest messages of a room, as if they had become too old.
async fn purge(app: &TestApp, room: RoomId, count: i64) {
    let is_postgres = app.settings.database_url.is_some();
    let id = if is_postgres { format!("'{room}'") } else { format!("x'{}'", room.0.simple()) };
    let oldest = format!("select seq from messages where room_id = {id} order by seq limit {count}");
    app.execute(&format!("update messages set sent_at = 0 where room_id = {id} and seq in ({oldest})")).await;
    app.execute(&format!("update rooms set retention_days = 1 where id = {id}")).await;
    app.service.run_followers().await;
    // It was set without an event.
    app.execute(&format!("update rooms set retention_days = null where id = {id}")).await;
}

async fn move_marker(app: &TestApp, caller: &Caller, room: RoomId, action: &Action, messages: &[(RoomId, MessageId)]) {
    let message = |m: &usize| (!messages.is_empty()).then(|| messages[m % messages.len()]);
    match action {
        Action::MarkRead(m) => {
            if let Some((room, message_id)) = message(m) {
                drop(app.service.mark_read(caller, room, MarkRead { message_id }).await);
            }
        }
        Action::MarkUnread(m) => {
            if let Some((_, id)) = message(m) {
                drop(app.service.mark_unread(caller, id).await);
            }
        }
        Action::ClearUnread(all) => {
            let room_id = (!all).then_some(room);
            drop(app.service.clear_unread(caller, ClearUnread { room_id }).await);
        }
        Action::RestoreUnread(one, other) => {
            let message_ids = [one, other].into_iter().filter_map(|m| message(m).map(|(_, id)| id)).collect();
            app.service.restore_unread(caller, RestoreUnread { message_ids }).await.unwrap();
        }
        _ => {}
    }
}

async fn run_own(
    app: &TestApp,
    users: &[Caller],
    caller: &Caller,
    room: RoomId,
    action: &OwnAction,
    rooms: &mut Vec<RoomId>,
) {
    match action {
        OwnAction::OpenDirect(one, other) => {
            let user_ids = vec![users[*one].user_id, users[*other].user_id];
            if let Ok(opened) = app.service.open_direct_room(caller, OpenDirectRoom { user_ids }).await
                && opened.new
            {
                // Among the first rooms, which most actions are about.
                rooms.insert(2, opened.value.id);
            }
        }
        OwnAction::Favorite(favorite) => drop(app.service.set_favorite(caller, room, *favorite).await),
        OwnAction::SetNotifications(muted) => {
            let level = if *muted { NotificationLevel::Mentions } else { NotificationLevel::All };
            let muted_until = muted.then(|| app.clock.now().plus(60_000));
            let command = SetRoomNotifications { level, muted_until };
            drop(app.service.set_room_notifications(caller, room, command).await);
        }
        OwnAction::SetOrder(count) => {
            let mine = app.service.get_snapshot(caller).await.unwrap().rooms;
            let room_ids = mine.iter().rev().take(*count).map(|room| room.id).collect();
            app.service.set_room_order(caller, SetRoomOrder { room_ids }).await.unwrap();
        }
    }
}

async fn check(app: &TestApp, user: &Caller, before: ClientState, actions: &[(usize, usize, Action)]) {
    let after = load_state(app, user).await;
    let events = events_between(app, user, before.cursor, after.cursor).await;
    assert!(events.is_sorted_by(|a, b| a.cursor.position < b.cursor.position));
    let mut replayed = before;
    for event in &events {
        replayed.me.apply(event);
        replayed.list.apply(event);
        for room in replayed.rooms.values_mut() {
            room.apply(event);
        }
        match &event.change {
            Change::InvitationCreated(one) | Change::InvitationUpdated(one) => {
                assert_eq!(one.user.id, user.user_id, "sent to another user");
                if one.status == InvitationStatus::Pending {
                    replayed.invitations.insert(one.id);
                } else {
                    replayed.invitations.remove(&one.id);
                }
            }
            _ => {}
        }
        // A client drops the state of a room that its user left, and reads the history again after joining.
        if let Change::MemberLeft(change) = &event.change
            && change.member.is(user.user_id)
        {
            replayed.rooms.remove(&change.room.id);
        }
        if let Change::RoomDeleted(room) = &event.change {
            replayed.rooms.remove(&room.room_id);
        }
    }
    replayed.me.presence = Presence::Offline;
    assert_eq!(replayed.me, after.me, "after {actions:?}\nevents {events:#?}");
    assert_eq!(replayed.list, after.list, "after {actions:?}\nevents {events:#?}");
    assert_eq!(replayed.invitations, after.invitations, "after {actions:?}\nevents {events:#?}");
    for (id, room) in &replayed.rooms {
        assert_eq!(Some(room), after.rooms.get(id), "after {actions:?}");
    }
}
