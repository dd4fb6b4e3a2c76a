use crate::harness::{TestApp, message_command};
use protocol::{
    Result,
    account::AccountStatus,
    command::{EditMessage, InviteToRoom, OpenDirectRoom, RoomFilter, SetAccountStatus, SetRole, UpdateProfile},
    error::{Code, Error},
    id::{RoomId, UserId},
    limits::DIRECT_MEMBERS,
    page::{Created, PageQuery},
    port::prelude::*,
    room::{Room, RoomKind, Visibility},
    session::Caller,
    settings::{DmPolicy, Settings},
    state::room_list::RoomList,
    user::Role,
};

on_both_databases! {
    two_users_have_one_direct_room
    a_user_has_a_room_for_their_notes
    a_group_room_has_three_to_twenty_members
    a_new_room_is_shown_to_the_others_from_its_first_message_on
    leaving_hides_a_room_until_its_next_message
    the_members_never_change
    who_is_blocked_neither_opens_a_room_nor_sends_nor_learns_why
    people_decide_who_starts_a_conversation_with_them
    guests_open_rooms_only_with_people_they_share_one_with
    the_history_with_a_deactivated_user_stays_readable
    a_direct_room_is_private_to_administrators_too
    renamed_members_are_shown_by_their_new_names
    unknown_people_are_refused_and_nothing_is_created
    deactivation_and_roles_leave_direct_rooms_as_they_are
}

fn ids(users: &[&Caller]) -> OpenDirectRoom {
    OpenDirectRoom { user_ids: users.iter().map(|user| user.user_id).collect() }
}

async fn open(app: &TestApp, caller: &Caller, users: &[&Caller]) -> Result<Created<Room>> {
    app.service.open_direct_room(caller, ids(users)).await
}

async fn opened(app: &TestApp, caller: &Caller, users: &[&Caller]) -> Room {
    open(app, caller, users).await.unwrap().value
}

/// The rooms that the sidebar of a user shows.
async fn shown(app: &TestApp, user: &Caller) -> Vec<RoomId> {
    let list = RoomList::new(&app.service.get_snapshot(user).await.unwrap());
    list.shown().filter(|room| room.kind.is_direct()).map(|room| room.id).collect()
}

async fn send(app: &TestApp, user: &Caller, room: RoomId) -> Result<(), Error> {
    app.service.send_message(user, room, message_command(&app.clock, "hello")).await.map(|_| ())
}

async fn two_users_have_one_direct_room(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user_named("mara", "Mara Okafor").await);
    let first = open(&app, &ada, &[&mara]).await.unwrap();
    assert!(first.new);
    let room = first.value;
    assert_eq!((room.kind, room.visibility, room.member_count), (RoomKind::Direct, Visibility::Private, 2));
    assert_eq!((room.name.as_str(), room.title(ada.user_id).as_str()), ("", "Mara Okafor"));
    assert_eq!(room.title(mara.user_id), "ada");
    for (caller, others) in [(&ada, vec![&mara]), (&mara, vec![&ada]), (&ada, vec![&mara, &ada, &mara])] {
        let again = open(&app, caller, &others).await.unwrap();
        assert_eq!((again.new, again.value.id), (false, room.id));
    }
    app.send_message(&ada, room.id, "hello").await;
    assert_eq!(app.service.get_room(&mara, room.id).await.unwrap().membership.unwrap().unread, 1);
    // Two open it at the same time, also on two nodes.
    let tomas = app.create_user("tomas").await;
    let nodes = [
        app.service.clone(),
        if app.settings.database_url.is_some() { app.start_node().await } else { app.service.clone() },
    ];
    let both = futures::future::join_all(
        [(0, &ada, &tomas), (1, &tomas, &ada), (1, &ada, &tomas), (0, &tomas, &ada)]
            .map(|(node, caller, other)| nodes[node].open_direct_room(caller, ids(&[other]))),
    );
    let rooms: Vec<_> = both.await.into_iter().map(Result::unwrap).collect();
    assert!(rooms.iter().all(|room| room.value.id == rooms[0].value.id));
    assert_eq!(rooms.iter().filter(|room| room.new).count(), 1);
}

async fn a_user_has_a_room_for_their_notes(app: TestApp) {
    let ada = app.create_user_named("ada", "Ada").await;
    let notes = opened(&app, &ada, &[&ada]).await;
    assert_eq!((notes.kind, notes.member_count, notes.title(ada.user_id).as_str()), (RoomKind::Direct, 1, "Ada (you)"));
    send(&app, &ada, notes.id).await.unwrap();
    assert_eq!(opened(&app, &ada, &[&ada]).await.id, notes.id);
}

async fn a_group_room_has_three_to_twenty_members(app: TestApp) {
    let ada = app.create_user("ada").await;
    let mut others = Vec::new();
    for n in 0..DIRECT_MEMBERS {
        others.push(app.create_user(&format!("user{n}")).await);
    }
    let others: Vec<_> = others.iter().collect();
    let trio = opened(&app, &ada, &others[..2]).await;
    assert_eq!((trio.kind, trio.member_count, trio.members.len()), (RoomKind::Group, 3, 3));
    assert_eq!(trio.title(ada.user_id), "user0, user1");
    assert_eq!(opened(&app, others[1], &[others[0], &ada]).await.id, trio.id);
    let most = opened(&app, &ada, &others[..DIRECT_MEMBERS - 1]).await;
    assert_eq!(most.member_count, 20);
    let error = open(&app, &ada, &others).await.unwrap_err();
    assert_eq!(
        (error.code, error.errors[0].field.as_str(), error.errors[0].code.as_str()),
        (Code::Invalid, "user_ids", "too_long")
    );
    let error = open(&app, &ada, &[]).await.unwrap_err();
    assert_eq!((error.errors[0].field.as_str(), error.errors[0].code.as_str()), ("user_ids", "required"));
}

async fn a_new_room_is_shown_to_the_others_from_its_first_message_on(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let room = opened(&app, &ada, &[&mara]).await;
    assert_eq!(shown(&app, &ada).await, [room.id]);
    assert_eq!(shown(&app, &mara).await, []);
    let page = || PageQuery { limit: 50, cursor: None };
    assert_eq!(app.service.list_rooms(&mara, RoomFilter::Mine, page()).await.unwrap().items.len(), 1, "the Lobby");
    send(&app, &ada, room.id).await.unwrap();
    assert_eq!(shown(&app, &mara).await, [room.id]);
    assert_eq!(app.service.list_rooms(&mara, RoomFilter::Mine, page()).await.unwrap().items.len(), 2);
    // Lists of all rooms are for rooms with a name.
    assert_eq!(app.service.list_rooms(&mara, RoomFilter::Visible, page()).await.unwrap().items.len(), 1);
}

async fn leaving_hides_a_room_until_its_next_message(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let room = opened(&app, &ada, &[&mara]).await.id;
    send(&app, &ada, room).await.unwrap();
    for _ in 0..2 {
        app.service.leave_room(&mara, room).await.unwrap();
        assert_eq!((shown(&app, &mara).await, shown(&app, &ada).await), (vec![], vec![room]));
    }
    // Its history can still be read, and opening it shows it again.
    assert_eq!(app.service.get_room(&mara, room).await.unwrap().member_count, 2);
    assert!(!opened(&app, &mara, &[&ada]).await.membership.unwrap().hidden);
    assert_eq!(shown(&app, &mara).await, [room]);
    app.service.remove_member(&mara, room, mara.user_id).await.unwrap();
    assert_eq!(shown(&app, &mara).await, []);
    send(&app, &ada, room).await.unwrap();
    assert_eq!(shown(&app, &mara).await, [room]);
}

async fn the_members_never_change(app: TestApp) {
    let (ada, mara, tomas) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("tomas").await);
    let room = opened(&app, &ada, &[&mara]).await.id;
    let invite = InviteToRoom { user_id: tomas.user_id, expires_in: None };
    for error in [
        app.add_member(&ada, room, &tomas).await.unwrap_err(),
        app.service.remove_member(&ada, room, mara.user_id).await.unwrap_err(),
        app.service.create_room_invitation(&ada, room, invite).await.unwrap_err(),
    ] {
        assert_eq!(error.code, Code::DirectMembersFixed);
    }
    assert_eq!(app.service.join_room(&tomas, room).await.unwrap_err().code, Code::NotFound);
    assert_eq!(app.service.get_room(&ada, room).await.unwrap().members.len(), 2);
}

async fn who_is_blocked_neither_opens_a_room_nor_sends_nor_learns_why(app: TestApp) {
    let (ada, mara, tomas) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("tomas").await);
    let room = opened(&app, &ada, &[&mara]).await.id;
    let before = app.send_message(&ada, room, "before").await;
    let repeated = message_command(&app.clock, "twice");
    app.service.send_message(&ada, room, repeated.clone()).await.unwrap();
    for blocked in [&ada, &tomas] {
        app.service.block_user(&mara, blocked.user_id).await.unwrap();
    }
    let refused = open(&app, &tomas, &[&mara]).await.unwrap_err();
    let refused_group = open(&app, &tomas, &[&ada, &mara]).await.unwrap_err();
    assert_eq!((refused.code, refused_group.code), (Code::Forbidden, Code::Forbidden));
    assert_eq!(refused.detail, "You can't start a conversation with mara.");
    // The history stays.
    assert_eq!(opened(&app, &ada, &[&mara]).await.id, room);
    let error = send(&app, &ada, room).await.unwrap_err();
    assert_eq!((error.code, error.detail.as_str()), (Code::Forbidden, "You can't send messages to this person now."));
    let edit = app.service.edit_message(&ada, before.id, EditMessage { body: "after".into() }).await.unwrap_err();
    assert_eq!(edit.code, Code::Forbidden);
    assert!(!app.service.send_message(&ada, room, repeated).await.unwrap().new, "a repeat gets the first result");
    // Who blocks is told so.
    assert!(send(&app, &mara, room).await.unwrap_err().detail.contains("blocked"));
    assert!(open(&app, &mara, &[&tomas]).await.unwrap_err().detail.contains("blocked"));
    // In a room with others, blocked users write: their messages are collapsed.
    let group = opened(&app, &ada, &[&tomas, &app.create_user("yuki").await]).await.id;
    app.service.block_user(&tomas, ada.user_id).await.unwrap();
    send(&app, &ada, group).await.unwrap();
    app.service.unblock_user(&mara, ada.user_id).await.unwrap();
    send(&app, &ada, room).await.unwrap();
    app.service.edit_message(&ada, before.id, EditMessage { body: "after".into() }).await.unwrap();
}

async fn set_policy(app: &TestApp, user: &Caller, policy: DmPolicy) {
    let mut settings = Settings::default();
    settings.privacy.direct_messages = policy;
    app.service.replace_settings(user, serde_json::to_value(settings).unwrap()).await.unwrap();
}

async fn people_decide_who_starts_a_conversation_with_them(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    set_policy(&app, &mara, DmPolicy::SharedRooms).await;
    let error = open(&app, &ada, &[&mara]).await.unwrap_err();
    // As for a block. Everyone is in the Lobby, so it does not count.
    assert_eq!((error.code, error.detail.as_str()), (Code::Forbidden, "You can't start a conversation with mara."));
    let den = app.create_room(&ada, "den", Visibility::Private).await.id;
    app.add_member(&ada, den, &mara).await.unwrap();
    let room = opened(&app, &ada, &[&mara]).await.id;
    set_policy(&app, &mara, DmPolicy::Nobody).await;
    assert_eq!(opened(&app, &ada, &[&mara]).await.id, room, "not a new conversation");
    let tomas = app.create_user("tomas").await;
    app.add_member(&ada, den, &tomas).await.unwrap();
    assert_eq!(open(&app, &tomas, &[&mara]).await.unwrap_err().code, Code::Forbidden);
    opened(&app, &mara, &[&tomas]).await;
}

async fn guests_open_rooms_only_with_people_they_share_one_with(app: TestApp) {
    let (ada, mara, guest) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("gast").await);
    app.service.set_role(&ada, guest.user_id, SetRole { role: Role::Guest }).await.unwrap();
    let guest = app.service.refresh_caller(&guest).await.unwrap();
    let den = app.create_room(&ada, "den", Visibility::Private).await.id;
    app.add_member(&ada, den, &guest).await.unwrap();
    let unknown = app.service.open_direct_room(&guest, OpenDirectRoom { user_ids: vec![UserId(app.clock.id())] }).await;
    let hidden = open(&app, &guest, &[&mara]).await;
    assert_eq!(hidden.clone().unwrap_err(), unknown.unwrap_err(), "as if there were no such user");
    assert_eq!(hidden.unwrap_err().errors[0].code, "not_found");
    opened(&app, &guest, &[&ada]).await;
    // Others open rooms with guests, who then see them.
    assert_eq!(app.service.get_user(&guest, mara.user_id).await.unwrap_err().code, Code::NotFound);
    opened(&app, &mara, &[&guest]).await;
    assert_eq!(app.service.get_user(&guest, mara.user_id).await.unwrap().username, "mara");
}

async fn the_history_with_a_deactivated_user_stays_readable(app: TestApp) {
    let (ada, mara, tomas) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("tomas").await);
    let (room, group) = (opened(&app, &tomas, &[&mara]).await.id, opened(&app, &tomas, &[&mara, &ada]).await.id);
    let deactivated = SetAccountStatus { status: AccountStatus::Deactivated };
    app.service.set_account_status(&ada, mara.user_id, deactivated).await.unwrap();
    let error = send(&app, &tomas, room).await.unwrap_err();
    assert_eq!(error.code, Code::Forbidden);
    assert!(error.detail.contains("deactivated"));
    assert_eq!(opened(&app, &tomas, &[&mara]).await.id, room);
    send(&app, &tomas, group).await.unwrap();
    let yuki = app.create_user("yuki").await;
    assert_eq!(open(&app, &yuki, &[&mara]).await.unwrap_err().errors[0].code, "not_found");
}

async fn a_direct_room_is_private_to_administrators_too(app: TestApp) {
    let (admin, mara, tomas) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("tomas").await);
    let room = opened(&app, &mara, &[&tomas]).await.id;
    let message = app.send_message(&mara, room, "between us").await;
    for code in [
        app.service.get_room(&admin, room).await.unwrap_err().code,
        app.service.join_room(&admin, room).await.unwrap_err().code,
        app.service.leave_room(&admin, room).await.unwrap_err().code,
        app.service.set_favorite(&admin, room, true).await.unwrap_err().code,
        app.service.get_message(&admin, message.id).await.unwrap_err().code,
        app.add_member(&admin, room, &admin).await.unwrap_err().code,
        send(&app, &admin, room).await.unwrap_err().code,
    ] {
        assert_eq!(code, Code::NotFound);
    }
    // Nobody deletes what the other wrote.
    assert_eq!(app.service.delete_message(&tomas, message.id).await.unwrap_err().code, Code::Forbidden);
    // It is not one of the rooms of a profile page, which have names.
    assert_eq!(app.service.user_profile(&mara, "tomas").await.unwrap().shared_rooms.len(), 1);
}

async fn renamed_members_are_shown_by_their_new_names(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let room = opened(&app, &ada, &[&mara]).await.id;
    let name = UpdateProfile { display_name: Some("Mara Lind".into()), ..UpdateProfile::default() };
    app.service.update_profile(&mara, name).await.unwrap();
    let snapshot = app.service.get_snapshot(&ada).await.unwrap();
    let seen = snapshot.rooms.into_iter().find(|other| other.id == room).unwrap();
    assert_eq!(seen.title(ada.user_id), "Mara Lind");
    assert_eq!(app.service.get_room(&ada, room).await.unwrap(), seen);
}

async fn unknown_people_are_refused_and_nothing_is_created(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let user_ids = vec![mara.user_id, UserId(app.clock.id())];
    let error = app.service.open_direct_room(&ada, OpenDirectRoom { user_ids }).await.unwrap_err();
    assert_eq!((error.code, error.errors[0].field.as_str()), (Code::Invalid, "user_ids"));
    assert_eq!(app.count("select count(*) from rooms").await, 1);
}

async fn deactivation_and_roles_leave_direct_rooms_as_they_are(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    opened(&app, &ada, &[&mara]).await;
    app.service.set_role(&ada, mara.user_id, SetRole { role: Role::Guest }).await.unwrap();
    app.service.set_role(&ada, mara.user_id, SetRole { role: Role::Member }).await.unwrap();
    let deactivated = SetAccountStatus { status: AccountStatus::Deactivated };
    app.service.set_account_status(&ada, mara.user_id, deactivated).await.unwrap();
    assert_eq!(app.count("select count(*) from members where role = 'owner'").await, 1, "of the Lobby");
}
