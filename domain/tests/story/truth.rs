//! The test that guards it all: for every command, the state before and the events it emitted give the state after, with
//! the same `apply` that the browser runs.

use crate::world::{World, words};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use protocol::{
    command::{
        AddMembers, CreateRoom, EditMessage, InviteToRoom, MarkRead, ReadNotifications, SetEmail, SetRole, SetStatus,
        Span, UpdateProfile,
    },
    cursor::Cursor,
    event::{Change, Event},
    id::{MessageId, RoomId, RoomInvitationId},
    page::PageQuery,
    port::prelude::*,
    room::Visibility,
    room_invitation::{InvitationStatus, RoomInvitation},
    room_list::RoomList,
    room_state::RoomState,
    session::Caller,
    settings::{Settings, Theme},
    user::{Presence, Role, User},
};
use std::collections::{BTreeMap, BTreeSet};

on_both_databases! { state_before_and_events_give_state_after }

/// A command, with its room, people and message chosen by number.
#[derive(Clone, Debug)]
enum Act {
    Create(bool),
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
    Read(usize),
    Block(usize),
    Unblock(usize),
    SignUp,
    SignOut,
    Rename,
    SayStatus(bool),
    Address(bool),
    Show(usize),
    Settle(bool),
    ReadTold(bool),
}

fn act() -> impl Strategy<Value = (usize, usize, Act)> {
    let kind = prop_oneof![
        1 => any::<bool>().prop_map(Act::Create),
        3 => Just(Act::Join),
        2 => Just(Act::Leave),
        3 => (0..5usize, 0..5usize).prop_map(|(one, other)| Act::Add(one, other)),
        2 => (0..5usize).prop_map(Act::Invite),
        1 => Just(Act::Revoke),
        2 => Just(Act::Accept),
        1 => Just(Act::Decline),
        1 => (0..5usize).prop_map(Act::Remove),
        8 => Just(Act::Send),
        3 => (0..50usize).prop_map(Act::Edit),
        2 => (0..50usize).prop_map(Act::Delete),
        3 => (0..50usize).prop_map(Act::Read),
        1 => (0..5usize).prop_map(Act::Block),
        1 => (0..5usize).prop_map(Act::Unblock),
        1 => Just(Act::SignUp),
        1 => Just(Act::SignOut),
        2 => Just(Act::Rename),
        1 => any::<bool>().prop_map(Act::SayStatus),
        1 => any::<bool>().prop_map(Act::Address),
        1 => (0..3usize).prop_map(Act::Show),
        1 => any::<bool>().prop_map(Act::Settle),
        2 => any::<bool>().prop_map(Act::ReadTold),
    ];
    (0..5usize, 0..8usize, kind)
}

/// What one person sees.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    me: User,
    list: RoomList,
    rooms: BTreeMap<RoomId, RoomState>,
    invitations: BTreeSet<RoomInvitationId>,
    cursor: Cursor,
}

async fn invitations(w: &World, caller: &Caller) -> Vec<RoomInvitation> {
    w.service.list_invitations(caller, PageQuery { limit: 200, cursor: None }).await.unwrap().items
}

async fn look(w: &World, caller: &Caller) -> Seen {
    let caller = &w.service.still(caller).await.unwrap();
    let snapshot = w.service.snapshot(caller).await.unwrap();
    let mut rooms = BTreeMap::new();
    for room in &snapshot.rooms {
        let history = w.service.history(caller, room.id, Span::Latest, 100_000).await.unwrap();
        rooms.insert(room.id, RoomState::new(room.id, history));
    }
    assert_eq!(snapshot.me.settings.as_ref(), Some(&snapshot.settings));
    // Who is here is never stored, so events do not bring it up to date.
    let me = User { presence: Presence::Offline, ..snapshot.me.clone() };
    let invitations = invitations(w, caller).await.into_iter().map(|one| one.id).collect();
    Seen { me, list: RoomList::new(&snapshot), rooms, invitations, cursor: snapshot.cursor }
}

async fn events_between(w: &World, caller: &Caller, mut from: Cursor, to: Cursor) -> Vec<Event> {
    let mut events = Vec::new();
    while from.position < to.position {
        let page = w.service.events(caller, from, 0).await.unwrap();
        assert_eq!(page.reset, None);
        events.extend(page.items);
        from = page.cursor;
    }
    events
}

async fn state_before_and_events_give_state_after(w: World) {
    let mut people = Vec::new();
    for name in ["ada", "mara", "tomas", "yuki", "gast"] {
        people.push(w.person(name).await);
    }
    let guest = SetRole { role: Role::Guest };
    w.service.set_role(&people[0], people[4].user_id, guest).await.unwrap();
    let den = w.room(&people[0], "den", Visibility::Private).await.id;
    for other in &people[1..] {
        w.add(&people[0], den, other).await.unwrap();
    }
    let mut rooms = vec![w.lobby(&people[0]).await.id, den];
    let mut said: Vec<(RoomId, MessageId)> = Vec::new();
    let mut runner = TestRunner::new(Config::default());
    for round in 0..25 {
        let acts = proptest::collection::vec(act(), 1..16).new_tree(&mut runner).unwrap().current();
        // Yuki becomes a guest, and is one no longer. Between two looks: who becomes one while away misses what the Lobby was
        // told before.
        let role = if round % 2 == 0 { Role::Guest } else { Role::Member };
        w.service.set_role(&people[0], people[3].user_id, SetRole { role }).await.unwrap();
        let mut before = Vec::new();
        for person in &people {
            before.push(look(&w, person).await);
        }
        for (n, (who, room, act)) in acts.iter().enumerate() {
            let room = rooms[room % rooms.len()];
            run(&w, &people, people[*who], room, act, &mut rooms, &mut said, round * 100 + n).await;
        }
        for (person, before) in people.iter().zip(before) {
            check(&w, person, before, &acts).await;
        }
    }
}

#[allow(clippy::too_many_arguments)]
async fn run(
    w: &World,
    people: &[Caller],
    who: Caller,
    room: RoomId,
    act: &Act,
    rooms: &mut Vec<RoomId>,
    said: &mut Vec<(RoomId, MessageId)>,
    n: usize,
) {
    // Perhaps a guest since.
    let who = w.service.still(&who).await.unwrap();
    let message = |m: &usize| (!said.is_empty()).then(|| said[m % said.len()]);
    // A refusal is as good as a success: it must change nothing.
    match act {
        Act::Create(public) => {
            let visibility = if *public { Visibility::Public } else { Visibility::Private };
            let (topic, description) = (String::new(), String::new());
            let command = CreateRoom { name: format!("room {n}"), visibility, topic, description };
            if let Ok(made) = w.service.create_room(&who, command, None).await {
                rooms.push(made.thing.id);
            }
        }
        Act::Join => drop(w.service.join(&who, room).await),
        Act::Leave => drop(w.service.leave(&who, room).await),
        Act::Add(one, other) => {
            let user_ids = vec![people[*one].user_id, people[*other].user_id];
            drop(w.service.add_members(&who, room, AddMembers { user_ids }).await);
        }
        Act::Invite(other) => {
            let command = InviteToRoom { user_id: people[*other].user_id, expires_in: None };
            drop(w.service.create_room_invitation(&who, room, command).await);
        }
        Act::Revoke => {
            let page = PageQuery { limit: 200, cursor: None };
            for one in w.service.list_room_invitations(&who, room, page).await.map_or(vec![], |page| page.items) {
                drop(w.service.delete_room_invitation(&who, room, one.id).await);
            }
        }
        Act::Accept => {
            for one in invitations(w, &who).await {
                drop(w.service.accept_invitation(&who, one.id).await);
            }
        }
        Act::Decline => {
            for one in invitations(w, &who).await {
                w.service.decline_invitation(&who, one.id).await.unwrap();
            }
        }
        Act::Remove(other) => drop(w.service.remove_member(&who, room, people[*other].user_id).await),
        Act::Send => {
            if let Ok(sent) = w.service.send(&who, room, words(&w.clock, &format!("message {n}"))).await {
                said.push((room, sent.thing.id));
            }
        }
        Act::Edit(m) => {
            if let Some((_, id)) = message(m) {
                drop(w.service.edit(&who, id, EditMessage { body: format!("edited {n}") }).await);
            }
        }
        Act::Delete(m) => {
            if let Some((_, id)) = message(m) {
                drop(w.service.delete(&who, id).await);
            }
        }
        Act::Read(m) => {
            if let Some((room, message_id)) = message(m) {
                drop(w.service.mark_read(&who, room, MarkRead { message_id }).await);
            }
        }
        Act::Rename => {
            let command = UpdateProfile { display_name: Some(format!("Name {n}")), ..UpdateProfile::default() };
            w.service.update_profile(&who, command).await.unwrap();
        }
        Act::SayStatus(something) => {
            let text = something.then(|| format!("doing {n}"));
            w.service.set_status(&who, SetStatus { text, ..SetStatus::default() }).await.unwrap();
        }
        Act::Address(some) => {
            let email = some.then(|| format!("{n}@example.org"));
            let command = SetEmail { email, password: crate::world::PASSWORD.into() };
            w.service.set_email(&who, command).await.unwrap();
        }
        Act::Show(0) => w.service.remove_avatar(&who).await.unwrap(),
        Act::Show(shade) => drop(w.service.set_avatar(&who, crate::profiles::picture(*shade)).await.unwrap()),
        Act::Settle(dark) => {
            let mut settings =
                Settings { theme: if *dark { Theme::Dark } else { Theme::Light }, ..Settings::default() };
            settings.privacy.show_online = n.is_multiple_of(3);
            w.service.replace_settings(&who, serde_json::to_value(settings).unwrap()).await.unwrap();
        }
        Act::ReadTold(all) => {
            let page = w.service.notifications(&who, PageQuery { limit: 1, cursor: None }).await.unwrap();
            let ids = (!all).then(|| page.items.iter().map(|told| told.id).collect());
            w.service.read_notifications(&who, ReadNotifications { ids }).await.unwrap();
        }
        Act::Block(other) => drop(w.service.block(&who, people[*other].user_id).await),
        Act::Unblock(other) => drop(w.service.unblock(&who, people[*other].user_id).await),
        Act::SignUp => drop(w.sign_up(&format!("guest{n}")).await),
        Act::SignOut => {
            let login =
                protocol::command::Login { login: "ada".into(), password: crate::world::PASSWORD.into(), totp: None };
            let tokens = w.service.login(&protocol::session::Client::default(), login).await.unwrap();
            let caller = w.service.authenticate(&tokens.access_token).await.unwrap();
            w.service.logout(&caller).await.unwrap();
        }
    }
}

async fn check(w: &World, person: &Caller, before: Seen, acts: &[(usize, usize, Act)]) {
    let after = look(w, person).await;
    let events = events_between(w, person, before.cursor, after.cursor).await;
    assert!(events.is_sorted_by(|a, b| a.cursor.position < b.cursor.position));
    let mut told = before;
    for event in &events {
        told.me.apply(event);
        told.list.apply(event);
        for room in told.rooms.values_mut() {
            room.apply(event);
        }
        match &event.change {
            Change::InvitationCreated(one) | Change::InvitationUpdated(one) => {
                assert_eq!(one.user.id, person.user_id, "told to another");
                if one.status == InvitationStatus::Pending {
                    told.invitations.insert(one.id);
                } else {
                    told.invitations.remove(&one.id);
                }
            }
            _ => {}
        }
        // Who goes out of a room keeps nothing of it; who comes in reads its history anew.
        if let Change::MemberLeft(change) = &event.change
            && change.member.is(person.user_id)
        {
            told.rooms.remove(&change.room.id);
        }
    }
    told.me.presence = Presence::Offline;
    assert_eq!(told.me, after.me, "after {acts:?}\nevents {events:#?}");
    assert_eq!(told.list, after.list, "after {acts:?}\nevents {events:#?}");
    assert_eq!(told.invitations, after.invitations, "after {acts:?}\nevents {events:#?}");
    for (id, room) in &told.rooms {
        assert_eq!(Some(room), after.rooms.get(id), "after {acts:?}");
    }
}
