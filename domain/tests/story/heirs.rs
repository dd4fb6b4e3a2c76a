//! Who owns a room when its owner has no say any more.

use crate::world::{PASSWORD, World};
use protocol::{
    account::AccountStatus,
    command::{Deactivate, SetAccountStatus, SetRole},
    id::RoomId,
    page::PageQuery,
    port::prelude::*,
    room::{RoomRole, Visibility},
    room_list::RoomList,
    session::Caller,
    user::Role,
};

on_both_databases! {
    a_room_whose_only_owner_has_no_say_any_more_is_handed_over
    who_has_no_say_is_the_last_to_inherit_a_room
}

fn role(role: Role) -> SetRole {
    SetRole { role }
}

fn status(status: AccountStatus) -> SetAccountStatus {
    SetAccountStatus { status }
}

/// Someone with a role, given by Ada who runs the service.
async fn given(w: &World, ada: &Caller, name: &str, to: Role) -> Caller {
    let person = w.person(name).await;
    w.service.set_role(ada, person.user_id, role(to)).await.unwrap();
    w.service.still(&person).await.unwrap()
}

async fn owners(w: &World, caller: &Caller, room: RoomId) -> Vec<String> {
    let members = w.service.members(caller, room, PageQuery { limit: 50, cursor: None }).await.unwrap().items;
    members.into_iter().filter(|one| one.role == RoomRole::Owner).map(|one| one.user.username).collect()
}

async fn a_room_whose_only_owner_has_no_say_any_more_is_handed_over(w: World) {
    let ada = w.person("ada").await;
    let gast = given(&w, &ada, "gast", Role::Guest).await;
    let (tomas, yuki) = (w.person("tomas").await, w.person("yuki").await);
    for (name, leave) in [("mara", 0), ("noor", 1), ("olga", 2)] {
        let owner = w.person(name).await;
        let mut rooms = Vec::new();
        // More than are handed over in one turn.
        for n in 0..if leave == 0 { 101 } else { 2 } {
            rooms.push(w.room(&owner, &format!("{name} {n}"), Visibility::Private).await.id);
        }
        for member in [&[&yuki][..], &[&gast, &tomas, &yuki], &[&gast, &yuki]][leave] {
            for room in &rooms {
                w.add(&owner, *room, member).await.unwrap();
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
        let (mut told, after) = (RoomList::new(&before), w.service.snapshot(&yuki).await.unwrap());
        let mut from = before.cursor;
        while from.position < after.cursor.position {
            let events = w.service.events(&yuki, from, 0).await.unwrap();
            events.items.iter().for_each(|event| told.apply(event));
            from = events.cursor;
        }
        assert_eq!(told, RoomList::new(&after));
    }
    // The Lobby is kept by whoever runs the service.
    let lobby = w.lobby(&ada).await.id;
    let other = given(&w, &ada, "vera", Role::Admin).await;
    w.service.set_account_status(&other, ada.user_id, status(AccountStatus::Deactivated)).await.unwrap();
    assert_eq!(owners(&w, &other, lobby).await, ["ada"]);
}

async fn who_has_no_say_is_the_last_to_inherit_a_room(w: World) {
    let (ada, mara) = (w.person("ada").await, w.person("mara").await);
    let gast = given(&w, &ada, "gast", Role::Guest).await;
    let (tomas, yuki) = (w.person("tomas").await, w.person("yuki").await);
    let room = w.room(&mara, "Den", Visibility::Private).await.id;
    for member in [&tomas, &gast, &yuki] {
        w.add(&mara, room, member).await.unwrap();
    }
    w.execute("update members set role = 'owner' where user_id = (select id from users where username = 'tomas')")
        .await;
    w.service.set_account_status(&ada, tomas.user_id, status(AccountStatus::Deactivated)).await.unwrap();
    w.service.leave(&mara, room).await.unwrap();
    assert_eq!(owners(&w, &yuki, room).await, ["tomas", "yuki"]);
    w.service.leave(&yuki, room).await.unwrap();
    assert_eq!(owners(&w, &gast, room).await, ["gast", "tomas"]);
}
