//! Transfer of a room whose owner leaves, is deactivated or becomes a guest.

use crate::harness::{PASSWORD, TestApp};
use protocol::{
    account::AccountStatus,
    command::{Deactivate, SetAccountStatus, SetRole},
    id::RoomId,
    page::PageQuery,
    port::prelude::*,
    room::{RoomRole, Visibility},
    session::Caller,
    state::room_list::RoomList,
    user::Role,
};

on_both_databases! {
    a_room_without_an_effective_owner_is_transferred
    deactivated_users_and_guests_become_owner_only_as_a_last_resort
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
        let (mut room_list, after) = (RoomList::new(&before), app.service.get_snapshot(&yuki).await.unwrap());
        let mut from = before.cursor;
        while from.position < after.cursor.position {
            let events = app.service.poll_events(&yuki, from, 0).await.unwrap();
            events.items.iter().for_each(|event| room_list.apply(event));
            from = events.cursor;
        }
        assert_eq!(room_list, RoomList::new(&after));
    }
    // The Lobby keeps its owner.
    let lobby = app.lobby(&ada).await.id;
    let other = create_user_with_role(&app, &ada, "vera", Role::Admin).await;
    app.service.set_account_status(&other, ada.user_id, status(AccountStatus::Deactivated)).await.unwrap();
    assert_eq!(owners(&app, &other, lobby).await, ["ada"]);
}

async fn deactivated_users_and_guests_become_owner_only_as_a_last_resort(app: TestApp) {
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
    app.service.leave_room(&mara, room).await.unwrap();
    assert_eq!(owners(&app, &yuki, room).await, ["tomas", "yuki"]);
    app.service.leave_room(&yuki, room).await.unwrap();
    assert_eq!(owners(&app, &gast, room).await, ["gast", "tomas"]);
}
