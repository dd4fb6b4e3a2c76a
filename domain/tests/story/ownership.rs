//! Who becomes owner of a room whose owner leaves, is deactivated or becomes a guest.

use crate::harness::{PASSWORD, TestApp};
use protocol::{
    account::AccountStatus,
    command::{Deactivate, SetAccountStatus, SetRole, TransferRoom},
    error::Code,
    id::RoomId,
    page::PageQuery,
    port::prelude::*,
    room::{RoomRole, Visibility},
    session::Caller,
    state::room_list::RoomList,
    sync::Snapshot,
    user::Role,
};

on_both_databases! {
    a_room_without_an_effective_owner_is_transferred
    a_room_is_archived_when_only_deactivated_users_and_guests_are_left
    a_room_without_an_active_owner_gets_one_as_soon_as_a_member_can_be_it
    a_reactivated_user_becomes_owner_of_rooms_without_one
    joining_changes_no_owner_where_there_is_one_or_in_the_lobby
}

fn role(role: Role) -> SetRole {
    SetRole { role }
}

fn status(status: AccountStatus) -> SetAccountStatus {
    SetAccountStatus { status }
}

/// A user with a role set by the administrator Ada.
async fn create_user_with_role(app: &TestApp, ada: &Caller, name: &str, to: Role) -> Caller {
    let user = app.create_user(name).await;
    app.service.set_role(ada, user.user_id, role(to)).await.unwrap();
    app.service.refresh_caller(&user).await.unwrap()
}

async fn owners(app: &TestApp, caller: &Caller, room: RoomId) -> Vec<String> {
    let members = app.service.list_members(caller, room, PageQuery { limit: 50, cursor: None }).await.unwrap().items;
    members.into_iter().filter(|one| one.role == RoomRole::Owner).map(|one| one.user.username).collect()
}

/// Checks that the events since a snapshot give the user's rooms as they are now.
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

async fn a_room_without_an_effective_owner_is_transferred(app: TestApp) {
    let ada = app.create_user("ada").await;
    let gast = create_user_with_role(&app, &ada, "gast", Role::Guest).await;
    let (tomas, yuki) = (app.create_user("tomas").await, app.create_user("yuki").await);
    for (name, leave) in [("mara", 0), ("noor", 1), ("olga", 2)] {
        let owner = app.create_user(name).await;
        let mut rooms = Vec::new();
        // More than one batch of ownership transfers.
        for n in 0..if leave == 0 { 101 } else { 2 } {
            rooms.push(app.create_room(&owner, &format!("{name} {n}"), Visibility::Private).await.id);
        }
        for member in [&[&yuki][..], &[&gast, &tomas, &yuki], &[&gast, &yuki]][leave] {
            for room in &rooms {
                app.add_member(&owner, *room, member).await.unwrap();
            }
        }
        if leave == 1 {
            app.service.set_account_status(&ada, tomas.user_id, status(AccountStatus::Deactivated)).await.unwrap();
        }
        let before = app.service.get_snapshot(&yuki).await.unwrap();
        match leave {
            0 => app.service.deactivate_user(&owner, Deactivate { password: PASSWORD.into() }).await.unwrap(),
            1 => drop(
                app.service.set_account_status(&ada, owner.user_id, status(AccountStatus::Deactivated)).await.unwrap(),
            ),
            _ => drop(app.service.set_role(&ada, owner.user_id, role(Role::Guest)).await.unwrap()),
        }
        for room in rooms {
            assert_eq!(owners(&app, &yuki, room).await, [name, "yuki"]);
        }
        check_events_since(&app, &yuki, &before).await;
    }
    // The Lobby keeps its owner.
    let lobby = app.lobby(&ada).await.id;
    let other = create_user_with_role(&app, &ada, "vera", Role::Admin).await;
    app.service.set_account_status(&other, ada.user_id, status(AccountStatus::Deactivated)).await.unwrap();
    assert_eq!(owners(&app, &other, lobby).await, ["ada"]);
}

async fn a_room_is_archived_when_only_deactivated_users_and_guests_are_left(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let gast = create_user_with_role(&app, &ada, "gast", Role::Guest).await;
    let (tomas, yuki) = (app.create_user("tomas").await, app.create_user("yuki").await);
    let room = app.create_room(&mara, "Den", Visibility::Private).await.id;
    for member in [&tomas, &gast, &yuki] {
        app.add_member(&mara, room, member).await.unwrap();
    }
    app.execute("update members set role = 'owner' where user_id = (select id from users where username = 'tomas')")
        .await;
    app.service.set_account_status(&ada, tomas.user_id, status(AccountStatus::Deactivated)).await.unwrap();
    let leave = async |user| app.service.leave_room(user, room).await.map_err(|error| error.code);
    assert_eq!(leave(&mara).await, Err(Code::LastOwner));
    let transfer = async |user: &Caller| {
        let command = TransferRoom { user_id: user.user_id };
        app.service.transfer_room(&mara, room, command).await.map_err(|error| error.code).map(|owner| owner.role)
    };
    for user in [&tomas, &gast, &mara] {
        assert_eq!(transfer(user).await, Err(Code::Invalid));
    }
    assert_eq!(transfer(&yuki).await, Ok(RoomRole::Owner));
    assert_eq!(owners(&app, &yuki, room).await, ["tomas", "yuki"]);
    leave(&mara).await.unwrap();
    let before = app.service.get_snapshot(&gast).await.unwrap();
    assert!(!app.service.get_room(&gast, room).await.unwrap().archived);
    // Nobody is left to hand it over to.
    leave(&yuki).await.unwrap();
    assert_eq!(owners(&app, &gast, room).await, ["tomas"]);
    assert!(app.service.get_room(&gast, room).await.unwrap().archived);
    check_events_since(&app, &gast, &before).await;
}

async fn set_status(app: &TestApp, ada: &Caller, user: &Caller, to: AccountStatus) {
    app.service.set_account_status(ada, user.user_id, status(to)).await.unwrap();
}

/// A public room whose owner is deactivated, and in which are only guests and other deactivated users.
async fn create_ownerless_room(app: &TestApp, ada: &Caller, name: &str, members: &[&Caller]) -> RoomId {
    let owner = app.create_user(&format!("owner_{name}")).await;
    let room = app.create_room(&owner, name, Visibility::Public).await.id;
    for member in members {
        app.add_member(&owner, room, member).await.unwrap();
    }
    for member in &members[1..] {
        set_status(app, ada, member, AccountStatus::Deactivated).await;
    }
    set_status(app, ada, &owner, AccountStatus::Deactivated).await;
    assert_eq!(owners(app, members[0], room).await, [format!("owner_{name}")]);
    assert!(app.service.get_room(members[0], room).await.unwrap().archived);
    app.service.restore_room(ada, room).await.unwrap();
    room
}

async fn a_room_without_an_active_owner_gets_one_as_soon_as_a_member_can_be_it(app: TestApp) {
    let ada = app.create_user("ada").await;
    let gast = create_user_with_role(&app, &ada, "gast", Role::Guest).await;
    let (tomas, yuki) = (app.create_user("tomas").await, app.create_user("yuki").await);
    let before = app.service.get_snapshot(&yuki).await.unwrap();
    let room = create_ownerless_room(&app, &ada, "joined", &[&gast]).await;
    let joined = app.service.join_room(&yuki, room).await.unwrap();
    assert_eq!(joined.membership.unwrap().role, RoomRole::Owner);
    assert_eq!(owners(&app, &gast, room).await, ["owner_joined", "yuki"]);
    app.service.join_room(&tomas, room).await.unwrap();
    assert_eq!(owners(&app, &gast, room).await, ["owner_joined", "yuki"]);
    check_events_since(&app, &yuki, &before).await;
    // A guest who becomes a full member can own it.
    let room = create_ownerless_room(&app, &ada, "promoted", &[&gast, &tomas]).await;
    let before = app.service.get_snapshot(&gast).await.unwrap();
    app.service.set_role(&ada, gast.user_id, role(Role::Member)).await.unwrap();
    assert_eq!(owners(&app, &gast, room).await, ["gast", "owner_promoted"]);
    check_events_since(&app, &gast, &before).await;
}

async fn a_reactivated_user_becomes_owner_of_rooms_without_one(app: TestApp) {
    let ada = app.create_user("ada").await;
    let gast = create_user_with_role(&app, &ada, "gast", Role::Guest).await;
    let (mara, tomas) = (app.create_user("mara").await, app.create_user("tomas").await);
    let mut rooms = Vec::new();
    // More than one batch of ownership transfers.
    for n in 0..101 {
        let room = app.create_room(&mara, &format!("Den {n}"), Visibility::Private).await.id;
        app.add_member(&mara, room, &gast).await.unwrap();
        app.add_member(&mara, room, &tomas).await.unwrap();
        rooms.push(room);
    }
    set_status(&app, &ada, &tomas, AccountStatus::Deactivated).await;
    set_status(&app, &ada, &mara, AccountStatus::Deactivated).await;
    let before = app.service.get_snapshot(&gast).await.unwrap();
    set_status(&app, &ada, &tomas, AccountStatus::Active).await;
    for room in &rooms {
        assert_eq!(owners(&app, &gast, *room).await, ["mara", "tomas"]);
    }
    check_events_since(&app, &gast, &before).await;
    // The earlier owner is one still, and the new one as well.
    set_status(&app, &ada, &mara, AccountStatus::Active).await;
    assert_eq!(owners(&app, &gast, rooms[0]).await, ["mara", "tomas"]);
}

async fn joining_changes_no_owner_where_there_is_one_or_in_the_lobby(app: TestApp) {
    let (ada, mara, tomas) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("tomas").await);
    let room = app.create_room(&mara, "Den", Visibility::Public).await.id;
    let joined = app.service.join_room(&tomas, room).await.unwrap();
    assert_eq!(joined.membership.unwrap().role, RoomRole::Member);
    assert_eq!(owners(&app, &tomas, room).await, ["mara"]);
    let lobby = app.lobby(&ada).await.id;
    let vera = create_user_with_role(&app, &ada, "vera", Role::Admin).await;
    app.service.set_role(&vera, tomas.user_id, role(Role::Guest)).await.unwrap();
    set_status(&app, &vera, &ada, AccountStatus::Deactivated).await;
    app.create_user("yuki").await;
    app.service.set_role(&vera, tomas.user_id, role(Role::Member)).await.unwrap();
    assert_eq!(owners(&app, &vera, lobby).await, ["ada"]);
}
