//! Roles in rooms, handing a room over, and the undo of removing and leaving.

use crate::harness::TestApp;
use protocol::{
    Result,
    command::{MarkRead, RestrictMember, SetRole, SetRoomRole, TransferRoom, UpdateRoom, UpdateRoomSettings},
    error::Code,
    id::RoomId,
    port::prelude::*,
    room::{Room, RoomRole, Visibility},
    session::Caller,
    state::room_list::RoomList,
    sync::Snapshot,
    user::Role,
};

on_both_databases! {
    roles_are_given_by_owners_and_by_moderators_below_their_own
    a_room_keeps_an_owner
    a_room_is_handed_over_by_its_owner
    a_removal_is_undone_by_who_removed_within_ten_seconds
    leaving_is_undone_within_ten_seconds_with_everything_as_it_was
    an_undo_respects_bans_limits_and_permissions
}

fn code<T>(result: Result<T>) -> Result<(), Code> {
    result.map(drop).map_err(|error| error.code)
}

async fn set_role(app: &TestApp, by: &Caller, room: RoomId, of: &Caller, role: RoomRole) -> Result<(), Code> {
    code(app.service.set_room_role(by, room, of.user_id, SetRoomRole { role }).await)
}

async fn role(app: &TestApp, room: RoomId, of: &Caller) -> Option<RoomRole> {
    app.service.get_room(of, room).await.ok()?.membership.map(|membership| membership.role)
}

async fn users<const N: usize>(app: &TestApp, names: [&str; N]) -> [Caller; N] {
    let mut users = Vec::new();
    for name in names {
        users.push(app.create_user(name).await);
    }
    users.try_into().unwrap()
}

async fn check_events_since(app: &TestApp, caller: &Caller, before: &Snapshot) {
    let (mut room_list, after) = (RoomList::new(before), app.service.get_snapshot(caller).await.unwrap());
    let mut from = before.cursor;
    while from.position < after.cursor.position {
        let events = app.service.poll_events(caller, from, 0).await.unwrap();
        events.items.iter().for_each(|event| room_list.apply(event));
        from = events.cursor;
    }
    assert_eq!(room_list, RoomList::new(&after));
}

/// A room apart from the lines of room activity, which are never unread.
fn without_lines(room: &Room) -> Room {
    let mut membership = room.membership.clone();
    if let Some(membership) = &mut membership {
        (membership.uncounted, membership.uncounted_more) = (Vec::new(), 0);
    }
    Room { head: 0, membership, ..room.clone() }
}

async fn roles_are_given_by_owners_and_by_moderators_below_their_own(app: TestApp) {
    use RoomRole::{Guest, Member, Moderator, Owner};
    let [ada, mara, tomas, yuki, vera] = users(&app, ["ada", "mara", "tomas", "yuki", "vera"]).await;
    let den = app.create_room(&mara, "Den", Visibility::Private).await.id;
    for user in [&ada, &tomas, &yuki] {
        app.add_member(&mara, den, user).await.unwrap();
    }
    let before = app.service.get_snapshot(&yuki).await.unwrap();
    // In a private room an administrator is a member like others.
    for by in [&ada, &tomas] {
        assert_eq!(set_role(&app, by, den, &yuki, Guest).await, Err(Code::Forbidden));
    }
    assert_eq!(set_role(&app, &vera, den, &yuki, Guest).await, Err(Code::NotFound));
    assert_eq!(set_role(&app, &mara, den, &vera, Member).await, Err(Code::NotFound));
    assert_eq!(set_role(&app, &mara, den, &tomas, Moderator).await, Ok(()));
    assert_eq!(set_role(&app, &tomas, den, &yuki, Guest).await, Ok(()));
    assert_eq!(set_role(&app, &tomas, den, &yuki, Member).await, Ok(()));
    for (of, new) in [(&yuki, Moderator), (&yuki, Owner), (&mara, Member), (&tomas, Owner)] {
        assert_eq!(set_role(&app, &tomas, den, of, new).await, Err(Code::Forbidden));
    }
    assert_eq!(set_role(&app, &mara, den, &yuki, Owner).await, Ok(()));
    assert_eq!(set_role(&app, &mara, den, &yuki, Moderator).await, Ok(()));
    // Everyone may give up a role, but nobody raises themselves.
    assert_eq!(set_role(&app, &yuki, den, &yuki, Member).await, Ok(()));
    assert_eq!(set_role(&app, &yuki, den, &yuki, Moderator).await, Err(Code::Forbidden));
    assert_eq!([role(&app, den, &tomas).await, role(&app, den, &yuki).await], [Some(Moderator), Some(Member)]);
    check_events_since(&app, &yuki, &before).await;
    // A guest of the server is at most a member, and acts as a guest of the room.
    app.service.set_role(&ada, yuki.user_id, SetRole { role: Role::Guest }).await.unwrap();
    let command = SetRoomRole { role: Moderator };
    let error = app.service.set_room_role(&mara, den, yuki.user_id, command).await.unwrap_err();
    assert_eq!((error.code, error.errors[0].field.as_str()), (Code::Invalid, "role"));
}

async fn a_room_keeps_an_owner(app: TestApp) {
    let [ada, mara, tomas] = users(&app, ["ada", "mara", "tomas"]).await;
    let den = app.create_room(&mara, "Den", Visibility::Public).await.id;
    for user in [&ada, &tomas] {
        app.service.join_room(user, den).await.unwrap();
    }
    assert_eq!(set_role(&app, &mara, den, &mara, RoomRole::Member).await, Err(Code::LastOwner));
    // An administrator acts as an owner of public rooms, but does not leave one without.
    assert_eq!(set_role(&app, &ada, den, &mara, RoomRole::Member).await, Err(Code::LastOwner));
    assert_eq!(code(app.service.leave_room(&mara, den).await), Err(Code::LastOwner));
    assert_eq!(code(app.service.remove_member(&mara, den, mara.user_id).await), Err(Code::LastOwner));
    assert_eq!(set_role(&app, &mara, den, &tomas, RoomRole::Owner).await, Ok(()));
    app.service.leave_room(&mara, den).await.unwrap();
    assert_eq!(code(app.service.leave_room(&tomas, den).await), Err(Code::LastOwner));
    // Alone, there is nobody to hand it over to.
    app.service.leave_room(&ada, den).await.unwrap();
    app.service.leave_room(&tomas, den).await.unwrap();
    assert_eq!(app.service.join_room(&mara, den).await.unwrap().membership.unwrap().role, RoomRole::Owner);
}

async fn a_room_is_handed_over_by_its_owner(app: TestApp) {
    let [ada, mara, tomas, yuki] = users(&app, ["ada", "mara", "tomas", "yuki"]).await;
    let den = app.create_room(&mara, "Den", Visibility::Private).await.id;
    for user in [&tomas, &yuki] {
        app.add_member(&mara, den, user).await.unwrap();
    }
    set_role(&app, &mara, den, &tomas, RoomRole::Moderator).await.unwrap();
    let transfer = async |by: &Caller, to: &Caller| {
        code(app.service.transfer_room(by, den, TransferRoom { user_id: to.user_id }).await)
    };
    assert_eq!(
        [transfer(&tomas, &tomas).await, transfer(&yuki, &yuki).await, transfer(&ada, &ada).await],
        [Err(Code::Forbidden), Err(Code::Forbidden), Err(Code::NotFound)]
    );
    assert_eq!([transfer(&mara, &ada).await, transfer(&mara, &mara).await], [Err(Code::NotFound), Err(Code::Invalid)]);
    let before = app.service.get_snapshot(&mara).await.unwrap();
    assert_eq!(transfer(&mara, &yuki).await, Ok(()));
    assert_eq!(
        [role(&app, den, &mara).await, role(&app, den, &yuki).await],
        [Some(RoomRole::Moderator), Some(RoomRole::Owner)]
    );
    assert_eq!(transfer(&mara, &tomas).await, Err(Code::Forbidden));
    check_events_since(&app, &mara, &before).await;
}

async fn a_removal_is_undone_by_who_removed_within_ten_seconds(app: TestApp) {
    let [_ada, mara, tomas, yuki] = users(&app, ["ada", "mara", "tomas", "yuki"]).await;
    let den = app.create_room(&mara, "Den", Visibility::Private).await.id;
    for user in [&tomas, &yuki] {
        app.add_member(&mara, den, user).await.unwrap();
        set_role(&app, &mara, den, user, RoomRole::Moderator).await.unwrap();
    }
    let before = app.service.get_snapshot(&tomas).await.unwrap();
    let restore = async |by: &Caller| code(app.service.restore_member(by, den, tomas.user_id).await);
    app.clock.advance(60_000);
    app.service.remove_member(&mara, den, tomas.user_id).await.unwrap();
    app.clock.advance(9_000);
    for by in [&tomas, &yuki] {
        assert_eq!(restore(by).await, Err(Code::NotFound));
    }
    assert_eq!(restore(&mara).await, Ok(()));
    // It is undone once.
    assert_eq!(restore(&mara).await, Err(Code::NotFound));
    let after = app.service.get_snapshot(&tomas).await.unwrap();
    assert_eq!(
        after.rooms.iter().map(without_lines).collect::<Vec<_>>(),
        before.rooms.iter().map(without_lines).collect::<Vec<_>>()
    );
    check_events_since(&app, &tomas, &before).await;
    app.service.remove_member(&mara, den, tomas.user_id).await.unwrap();
    app.clock.advance(10_000);
    assert_eq!(restore(&mara).await, Err(Code::NotFound));
}

async fn leaving_is_undone_within_ten_seconds_with_everything_as_it_was(app: TestApp) {
    let [ada, mara, tomas] = users(&app, ["ada", "mara", "tomas"]).await;
    let den = app.create_room(&ada, "Den", Visibility::Private).await.id;
    app.add_member(&ada, den, &mara).await.unwrap();
    let read = app.send_message(&ada, den, "one").await;
    app.send_message(&ada, den, "two").await;
    app.service.mark_read(&mara, den, MarkRead { message_id: read.id }).await.unwrap();
    app.execute("update members set favorite = true").await;
    set_role(&app, &ada, den, &mara, RoomRole::Moderator).await.unwrap();
    let before = app.service.get_snapshot(&mara).await.unwrap();
    let room = app.service.get_room(&mara, den).await.unwrap();
    let own = room.membership.clone().unwrap();
    assert_eq!((own.unread, own.favorite, own.role), (1, true, RoomRole::Moderator));
    app.clock.advance(60_000);
    app.service.leave_room(&mara, den).await.unwrap();
    for by in [&ada, &tomas] {
        assert_eq!(code(app.service.restore_member(by, den, mara.user_id).await), Err(Code::NotFound));
    }
    assert_eq!(app.service.restore_member(&mara, den, mara.user_id).await.unwrap().role, RoomRole::Moderator);
    assert_eq!(without_lines(&app.service.get_room(&mara, den).await.unwrap()), without_lines(&room));
    check_events_since(&app, &mara, &before).await;
    app.service.leave_room(&mara, den).await.unwrap();
    app.clock.advance(10_000);
    assert_eq!(code(app.service.restore_member(&mara, den, mara.user_id).await), Err(Code::NotFound));
}

async fn an_undo_respects_bans_limits_and_permissions(app: TestApp) {
    let [ada, mara, tomas, yuki] = users(&app, ["ada", "mara", "tomas", "yuki"]).await;
    let den = app.create_room(&mara, "Den", Visibility::Public).await.id;
    for user in [&tomas, &yuki] {
        app.service.join_room(user, den).await.unwrap();
    }
    let restore = async |by: &Caller, of: &Caller| code(app.service.restore_member(by, den, of.user_id).await);
    // A ban removes too, and is lifted first.
    app.service.ban_user(&mara, den, tomas.user_id, RestrictMember::default()).await.unwrap();
    assert_eq!(restore(&mara, &tomas).await, Err(Code::Banned));
    app.service.unban_user(&mara, den, tomas.user_id).await.unwrap();
    assert_eq!(restore(&mara, &tomas).await, Ok(()));
    // Who lost the permission meanwhile cannot undo.
    set_role(&app, &mara, den, &yuki, RoomRole::Moderator).await.unwrap();
    app.service.remove_member(&yuki, den, tomas.user_id).await.unwrap();
    set_role(&app, &mara, den, &yuki, RoomRole::Member).await.unwrap();
    assert_eq!(restore(&yuki, &tomas).await, Err(Code::Forbidden));
    // The place is taken.
    let settings = UpdateRoomSettings { member_limit: Some(Some(2)), ..UpdateRoomSettings::default() };
    app.service.update_room(&mara, den, UpdateRoom { settings, ..UpdateRoom::default() }).await.unwrap();
    app.service.leave_room(&yuki, den).await.unwrap();
    app.service.join_room(&ada, den).await.unwrap();
    assert_eq!(restore(&yuki, &yuki).await, Err(Code::RoomFull));
    // Who became a guest of the server left the Lobby for good.
    let lobby = app.lobby(&ada).await.id;
    app.service.set_role(&ada, yuki.user_id, SetRole { role: Role::Guest }).await.unwrap();
    let yuki = app.service.refresh_caller(&yuki).await.unwrap();
    let error = app.service.restore_member(&yuki, lobby, yuki.user_id).await.unwrap_err();
    assert_eq!(error.code, Code::LobbyMembershipFixed);
}
