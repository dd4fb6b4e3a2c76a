use crate::world::TestApp;
use protocol::command::CreateRoom;
use protocol::command::HistoryRange;
use protocol::command::InviteToRoom;
use protocol::command::RoomFilter;
use protocol::error::Code;
use protocol::id::ClientId;
use protocol::limits::ROOMS_BEFORE_CONSENT;
use protocol::limits::ROOMS_PER_USER;
use protocol::page::PageQuery;
use protocol::port::prelude::*;
use protocol::room::RoomRole;
use protocol::room::Visibility;

on_both_databases! {
    everyone_is_in_the_lobby
    a_private_room_is_not_found_by_non_members
    a_public_room_can_be_found_and_joined
    public_room_names_are_unique_and_private_ones_are_not_revealed
    a_repeated_creation_creates_no_second_room
    the_number_of_rooms_per_user_is_limited
    rooms_are_listed_page_by_page
    a_room_is_never_without_an_owner
}

fn page(limit: u32) -> PageQuery {
    PageQuery { limit, cursor: None }
}

async fn everyone_is_in_the_lobby(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let lobby = w.lobby(&ada).await;
    assert_eq!(lobby.member_count, 2);
    assert_eq!(lobby.membership.unwrap().role, RoomRole::Owner);
    assert_eq!(w.service.leave(&mara, lobby.id).await.unwrap_err().code, Code::LobbyMembershipFixed);
    let error = w.service.remove_member(&ada, lobby.id, mara.user_id).await.unwrap_err();
    assert_eq!(error.code, Code::LobbyMembershipFixed);
}

async fn a_private_room_is_not_found_by_non_members(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let den = w.create_room(&ada, "den", Visibility::Private).await;
    let message = w.send_message(&ada, den.id, "between us").await;
    let read = protocol::command::MarkRead { message_id: message.id };
    let words = crate::world::message_command(&w.clock, "let me in");
    let edit = protocol::command::EditMessage { body: "mine now".into() };
    for code in [
        w.service.room(&mara, den.id).await.unwrap_err().code,
        w.service.join(&mara, den.id).await.unwrap_err().code,
        w.service.leave(&mara, den.id).await.unwrap_err().code,
        w.service.members(&mara, den.id, page(50)).await.unwrap_err().code,
        w.service.history(&mara, den.id, HistoryRange::Latest, 50).await.unwrap_err().code,
        w.service.send(&mara, den.id, words).await.unwrap_err().code,
        w.add_member(&mara, den.id, &mara).await.unwrap_err().code,
        w.service.remove_member(&mara, den.id, ada.user_id).await.unwrap_err().code,
        w.service.mark_read(&mara, den.id, read).await.unwrap_err().code,
        w.service.message(&mara, message.id).await.unwrap_err().code,
        w.service.edit(&mara, message.id, edit).await.unwrap_err().code,
        w.service.delete(&mara, message.id).await.unwrap_err().code,
    ] {
        assert_eq!(code, Code::NotFound);
    }
    assert_eq!(w.service.rooms(&mara, RoomFilter::Visible, page(50)).await.unwrap().items.len(), 1);
}

async fn a_public_room_can_be_found_and_joined(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let hearth = w.create_room(&ada, "hearth", Visibility::Public).await;
    w.send_message(&ada, hearth.id, "before you came").await;
    let found = w.service.rooms(&mara, RoomFilter::Joinable, page(50)).await.unwrap().items;
    assert_eq!((found.len(), found[0].id, &found[0].membership), (1, hearth.id, &None));
    let outside = w.service.history(&mara, hearth.id, HistoryRange::Latest, 50).await.unwrap_err();
    assert_eq!(outside.code, Code::NotAMember);
    let error = w.service.send(&mara, hearth.id, crate::world::message_command(&w.clock, "hi")).await.unwrap_err();
    assert_eq!(error.code, Code::NotAMember);
    let joined = w.service.join(&mara, hearth.id).await.unwrap();
    assert_eq!((joined.member_count, joined.membership.unwrap().unread), (2, 0));
    assert_eq!(w.service.join(&mara, hearth.id).await.unwrap().member_count, 2);
    assert_eq!(w.service.history(&mara, hearth.id, HistoryRange::Latest, 50).await.unwrap().items.len(), 1);
    w.service.leave(&mara, hearth.id).await.unwrap();
    w.service.leave(&mara, hearth.id).await.unwrap();
    assert_eq!(w.service.room(&ada, hearth.id).await.unwrap().member_count, 1);
}

async fn public_room_names_are_unique_and_private_ones_are_not_revealed(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    w.create_room(&ada, "Hearth", Visibility::Public).await;
    let named = |name: &str, visibility| CreateRoom {
        name: name.into(),
        visibility,
        topic: String::new(),
        description: String::new(),
    };
    let error = w.service.create_room(&mara, named("hearth", Visibility::Public), None).await.unwrap_err();
    assert_eq!((error.code, error.errors[0].field.as_str()), (Code::RoomNameTaken, "name"));
    w.create_room(&ada, "secret", Visibility::Private).await;
    w.create_room(&mara, "secret", Visibility::Private).await;
    w.create_room(&mara, "secret", Visibility::Public).await;
}

async fn a_repeated_creation_creates_no_second_room(w: TestApp) {
    let ada = w.create_user("ada").await;
    let command = CreateRoom {
        name: "den".into(),
        visibility: Visibility::Private,
        topic: String::new(),
        description: String::new(),
    };
    let key = Some(ClientId("make-den".into()));
    let first = w.service.create_room(&ada, command.clone(), key.clone()).await.unwrap();
    let again = w.service.create_room(&ada, command.clone(), key.clone()).await.unwrap();
    assert!(first.new && !again.new);
    assert_eq!(first.value, again.value);
    let other = CreateRoom { topic: "another".into(), ..command.clone() };
    let refused = w.service.create_room(&ada, other.clone(), key.clone()).await.unwrap_err();
    assert_eq!(refused.code, Code::IdempotencyKeyReused);
    // Of what was stored by an earlier version only the key is known.
    w.execute("update rooms set request_hash = null").await;
    assert_eq!(w.service.create_room(&ada, other, key.clone()).await.unwrap().value, first.value);
    // Who left a private room is a stranger there.
    w.service.leave(&ada, first.value.id).await.unwrap();
    assert_eq!(w.service.create_room(&ada, command, key).await.unwrap_err().code, Code::NotFound);
}

async fn the_number_of_rooms_per_user_is_limited(w: TestApp) {
    let (ada, mara) = (w.create_user("ada").await, w.create_user("mara").await);
    let (kitchen, den) = (
        w.create_room(&mara, "Kitchen", Visibility::Public).await.id,
        w.create_room(&mara, "Den", Visibility::Private).await.id,
    );
    // Ada is in the Lobby.
    let fill = async |rooms: std::ops::Range<usize>| {
        let made = rooms.map(|n| {
            let service = w.service.clone();
            let (name, topic, description) = (format!("room {n}"), String::new(), String::new());
            let command = CreateRoom { name, visibility: Visibility::Private, topic, description };
            tokio::spawn(async move { service.create_room(&ada, command, None).await.map(drop) })
        });
        futures::future::join_all(made.collect::<Vec<_>>()).await.into_iter().for_each(|made| made.unwrap().unwrap());
    };
    fill(2..ROOMS_BEFORE_CONSENT).await;
    let hall = w.create_room(&mara, "Hall", Visibility::Public).await.id;
    let porch = w.create_room(&mara, "Porch", Visibility::Public).await.id;
    assert_eq!(w.add_member(&mara, porch, &ada).await.unwrap().added.len(), 1);
    w.service.leave(&ada, porch).await.unwrap();
    fill(ROOMS_BEFORE_CONSENT..ROOMS_BEFORE_CONSENT + 1).await;
    assert_eq!(w.add_member(&mara, hall, &ada).await.unwrap().invited, [ada.user_id]);
    fill(ROOMS_BEFORE_CONSENT + 1..ROOMS_PER_USER).await;
    let command = InviteToRoom { user_id: ada.user_id, expires_in: None };
    let invitation = w.service.create_room_invitation(&mara, den, command).await.unwrap().value.id;
    let last = w.create_room(&ada, "the last", Visibility::Public).await.id;
    let command = CreateRoom {
        name: "one more".into(),
        visibility: Visibility::Private,
        topic: String::new(),
        description: String::new(),
    };
    let outcomes = async || {
        let added = w.add_member(&mara, kitchen, &ada).await.unwrap();
        [
            w.service.create_room(&ada, command.clone(), None).await.map(drop).map_err(|error| error.code),
            w.service.join(&ada, kitchen).await.map(drop).map_err(|error| error.code),
            w.service.accept_invitation(&ada, invitation).await.map(drop).map_err(|error| error.code),
            added.refused.first().map_or(Ok(()), |refused| Err(refused.code)),
        ]
    };
    assert_eq!(outcomes().await, [Err(Code::TooManyRooms); 4]);
    // In one more place for one fewer; and who is in a room already is not refused.
    w.service.leave(&ada, last).await.unwrap();
    w.service.accept_invitation(&ada, invitation).await.unwrap();
    assert_eq!(w.service.join(&ada, den).await.unwrap().id, den);
    assert_eq!(w.add_member(&mara, den, &ada).await.unwrap().added.len(), 1);
    assert_eq!(w.service.snapshot(&ada).await.unwrap().rooms.len(), ROOMS_PER_USER);
}

async fn rooms_are_listed_page_by_page(w: TestApp) {
    let ada = w.create_user("ada").await;
    for n in 0..7 {
        w.create_room(&ada, &format!("room {n}"), Visibility::Public).await;
    }
    let mut names = Vec::new();
    let mut cursor = None;
    loop {
        let query = PageQuery { limit: 3, cursor };
        let page = w.service.rooms(&ada, RoomFilter::Visible, query).await.unwrap();
        names.extend(page.items.into_iter().map(|room| room.name));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(names.len(), 8);
    assert!(names.is_sorted_by_key(|name| name.to_lowercase()), "{names:?}");
    let nowhere = PageQuery { limit: 3, cursor: Some("nowhere".into()) };
    let error = w.service.rooms(&ada, RoomFilter::Visible, nowhere).await.unwrap_err();
    assert_eq!(error.code, Code::InvalidCursor);
}

async fn a_room_is_never_without_an_owner(w: TestApp) {
    let (ada, mara, yuki) = (w.create_user("ada").await, w.create_user("mara").await, w.create_user("yuki").await);
    let den = w.create_room(&ada, "den", Visibility::Public).await;
    w.service.join(&mara, den.id).await.unwrap();
    w.clock.advance(1000);
    w.service.join(&yuki, den.id).await.unwrap();
    w.service.leave(&ada, den.id).await.unwrap();
    let role = async |who| w.service.room(who, den.id).await.unwrap().membership.map(|m| m.role);
    assert_eq!(role(&ada).await, None);
    assert_eq!(role(&mara).await, Some(RoomRole::Owner));
    assert_eq!(role(&yuki).await, Some(RoomRole::Member));
}
