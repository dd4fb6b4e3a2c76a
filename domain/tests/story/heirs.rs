//! Who owns a room when its owner has no say any more.

use crate::world::PASSWORD;
use crate::world::TestApp;
use protocol::account::AccountStatus;
use protocol::command::Deactivate;
use protocol::command::SetAccountStatus;
use protocol::command::SetRole;
use protocol::id::RoomId;
use protocol::page::PageQuery;
use protocol::port::prelude::*;
use protocol::room::RoomRole;
use protocol::room::Visibility;
use protocol::room_list::RoomList;
use protocol::session::Caller;
use protocol::user::Role;

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

/// Someone with a role, given by Ada who runs the service.
async fn create_user_with_role(w: &TestApp, ada: &Caller, name: &str, to: Role) -> Caller {
    let person = w.create_user(name).await;
    w.service.set_role(ada, person.user_id, role(to)).await.unwrap();
    w.service.refresh_caller(&person).await.unwrap()
}

async fn owners(w: &TestApp, caller: &Caller, room: RoomId) -> Vec<String> {
    let members = w.service.members(caller, room, PageQuery { limit: 50, cursor: None }).await.unwrap().items;
    members.into_iter().filter(|one| one.role == RoomRole::Owner).map(|one| one.user.username).collect()
}

async fn a_room_without_an_effective_owner_is_transferred(w: TestApp) {
    let ada = w.create_user("ada").await;
    let gast = create_user_with_role(&w, &ada, "gast", Role::Guest).await;
    let (tomas, yuki) = (w.create_user("tomas").await, w.create_user("yuki").await);
    for (name, leave) in [("mara", 0), ("noor", 1), ("olga", 2)] {
        let owner = w.create_user(name).await;
        let mut rooms = Vec::new();
        // More than are handed over in one turn.
        for n in 0..if leave == 0 { 101 } else { 2 } {
            rooms.push(w.create_room(&owner, &format!("{name} {n}"), Visibility::Private).await.id);
        }
        for member in [&[&yuki][..], &[&gast, &tomas, &yuki], &[&gast, &yuki]][leave] {
            for room in &rooms {
                w.add_member(&owner, *room, member).await.unwrap();
            }
        }
        if leave == 1 {
            w.service.set_account_status(&ada, tomas.user_id, status(AccountStatus::Deactivated)).await.unwrap();
        }
        let before = w.service.snapshot(&yuki).await.unwrap();
        match leave {
            0 => w.service.deactivate(&owner, Deactivate { password: PASSWORD.into() }).await.unwrap(),
            1 => drop(
                w.service.set_account_status(&ada, owner.user_id, status(AccountStatus::Deactivated)).await.unwrap(),
            ),
            _ => drop(w.service.set_role(&ada, owner.user_id, role(Role::Guest)).await.unwrap()),
        }
        for room in rooms {
            assert_eq!(owners(&w, &yuki, room).await, [name, "yuki"]);
        }
        let (mut room_list, after) = (RoomList::new(&before), w.service.snapshot(&yuki).await.unwrap());
        let mut from = before.cursor;
        while from.position < after.cursor.position {
            let events = w.service.events(&yuki, from, 0).await.unwrap();
            events.items.iter().for_each(|event| room_list.apply(event));
            from = events.cursor;
        }
        assert_eq!(room_list, RoomList::new(&after));
    }
    // The Lobby is kept by whoever runs the service.
    let lobby = w.lobby(&ada).await.id;
    let other = create_user_with_role(&w, &ada, "vera", Role::Admin).await;
    w.service.set_account_status(&other, ada.user_id, status(AccountStatus::Deactivated)).await.unwrap();
    assert_eq!(owners(&w, &other, lobby).await, ["ada"]);
}

async fn deactivated_users_and_guests_become_owner_only_as_a_last_resort(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let gast = create_user_with_role(&w, &ada, "gast", Role::Guest).await;
    let (tomas, yuki) = (w.create_user("tomas").await, w.create_user("yuki").await);
    let room = w.create_room(&mara, "Den", Visibility::Private).await.id;
    for member in [&tomas, &gast, &yuki] {
        w.add_member(&mara, room, member).await.unwrap();
    }
    w.execute("update members set role = 'owner' where user_id = (select id from users where username = 'tomas')")
        .await;
    w.service.set_account_status(&ada, tomas.user_id, status(AccountStatus::Deactivated)).await.unwrap();
    w.service.leave(&mara, room).await.unwrap();
    assert_eq!(owners(&w, &yuki, room).await, ["tomas", "yuki"]);
    w.service.leave(&yuki, room).await.unwrap();
    assert_eq!(owners(&w, &gast, room).await, ["gast", "tomas"]);
}
