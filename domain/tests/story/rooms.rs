use crate::harness::TestApp;
use protocol::{
    command::{CreateRoom, HistoryRange, InviteToRoom, RoomFilter, TransferRoom},
    error::Code,
    id::ClientId,
    limits::{ROOMS_BEFORE_CONSENT, ROOMS_PER_USER},
    page::PageQuery,
    port::prelude::*,
    room::{RoomRole, Visibility},
};

on_both_databases! {
    a_snapshot_has_the_rooms_as_they_are_read_one_by_one
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

async fn everyone_is_in_the_lobby(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let lobby = app.lobby(&ada).await;
    assert_eq!(lobby.member_count, 2);
    assert_eq!(lobby.membership.unwrap().role, RoomRole::Owner);
    assert_eq!(app.service.leave_room(&mara, lobby.id).await.unwrap_err().code, Code::LobbyMembershipFixed);
    let error = app.service.remove_member(&ada, lobby.id, mara.user_id).await.unwrap_err();
    assert_eq!(error.code, Code::LobbyMembershipFixed);
}

async fn a_private_room_is_not_found_by_non_members(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let den = app.create_room(&ada, "den", Visibility::Private).await;
    let message = app.send_message(&ada, den.id, "between us").await;
    let read = protocol::command::MarkRead { message_id: message.id };
    let command = crate::harness::message_command(&app.clock, "let me in");
    let edit = protocol::command::EditMessage { body: "mine now".into() };
    for code in [
        app.service.get_room(&mara, den.id).await.unwrap_err().code,
        app.service.join_room(&mara, den.id).await.unwrap_err().code,
        app.service.leave_room(&mara, den.id).await.unwrap_err().code,
        app.service.list_members(&mara, den.id, page(50)).await.unwrap_err().code,
        app.service.list_messages(&mara, den.id, HistoryRange::Latest, 50).await.unwrap_err().code,
        app.service.send_message(&mara, den.id, command).await.unwrap_err().code,
        app.add_member(&mara, den.id, &mara).await.unwrap_err().code,
        app.service.remove_member(&mara, den.id, ada.user_id).await.unwrap_err().code,
        app.service.mark_read(&mara, den.id, read).await.unwrap_err().code,
        app.service.get_message(&mara, message.id).await.unwrap_err().code,
        app.service.edit_message(&mara, message.id, edit).await.unwrap_err().code,
        app.service.delete_message(&mara, message.id).await.unwrap_err().code,
    ] {
        assert_eq!(code, Code::NotFound);
    }
    assert_eq!(app.service.list_rooms(&mara, RoomFilter::Visible, page(50)).await.unwrap().items.len(), 1);
}

async fn a_public_room_can_be_found_and_joined(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let hearth = app.create_room(&ada, "hearth", Visibility::Public).await;
    app.send_message(&ada, hearth.id, "before you came").await;
    let found = app.service.list_rooms(&mara, RoomFilter::Joinable, page(50)).await.unwrap().items;
    assert_eq!((found.len(), found[0].id, &found[0].membership), (1, hearth.id, &None));
    let outside = app.service.list_messages(&mara, hearth.id, HistoryRange::Latest, 50).await.unwrap_err();
    assert_eq!(outside.code, Code::NotAMember);
    let error = app
        .service
        .send_message(&mara, hearth.id, crate::harness::message_command(&app.clock, "hi"))
        .await
        .unwrap_err();
    assert_eq!(error.code, Code::NotAMember);
    let joined = app.service.join_room(&mara, hearth.id).await.unwrap();
    assert_eq!((joined.member_count, joined.membership.unwrap().unread), (2, 0));
    assert_eq!(app.service.join_room(&mara, hearth.id).await.unwrap().member_count, 2);
    let history = app.service.list_messages(&mara, hearth.id, HistoryRange::Latest, 50).await.unwrap().items;
    assert_eq!(history.len(), 2, "the message, and the line that Mara joined");
    app.service.leave_room(&mara, hearth.id).await.unwrap();
    app.service.leave_room(&mara, hearth.id).await.unwrap();
    assert_eq!(app.service.get_room(&ada, hearth.id).await.unwrap().member_count, 1);
}

async fn public_room_names_are_unique_and_private_ones_are_not_revealed(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    app.create_room(&ada, "Hearth", Visibility::Public).await;
    let named = |name: &str, visibility| CreateRoom { name: name.into(), visibility, ..CreateRoom::default() };
    let error = app.service.create_room(&mara, named("hearth", Visibility::Public), None).await.unwrap_err();
    assert_eq!((error.code, error.errors[0].field.as_str()), (Code::RoomNameTaken, "name"));
    app.create_room(&ada, "secret", Visibility::Private).await;
    app.create_room(&mara, "secret", Visibility::Private).await;
    app.create_room(&mara, "secret", Visibility::Public).await;
}

async fn a_repeated_creation_creates_no_second_room(app: TestApp) {
    let ada = app.create_user("ada").await;
    let command = CreateRoom { name: "den".into(), visibility: Visibility::Private, ..CreateRoom::default() };
    let key = Some(ClientId("make-den".into()));
    let first = app.service.create_room(&ada, command.clone(), key.clone()).await.unwrap();
    let again = app.service.create_room(&ada, command.clone(), key.clone()).await.unwrap();
    assert!(first.new && !again.new);
    assert_eq!(first.value, again.value);
    let other = CreateRoom { topic: "another".into(), ..command.clone() };
    let refused = app.service.create_room(&ada, other.clone(), key.clone()).await.unwrap_err();
    assert_eq!(refused.code, Code::IdempotencyKeyReused);
    // For rooms stored by an earlier version, only the key is compared.
    app.execute("update rooms set request_hash = null").await;
    assert_eq!(app.service.create_room(&ada, other, key.clone()).await.unwrap().value, first.value);
    // A user who left a private room does not find it.
    app.service.leave_room(&ada, first.value.id).await.unwrap();
    assert_eq!(app.service.create_room(&ada, command, key).await.unwrap_err().code, Code::NotFound);
}

async fn the_number_of_rooms_per_user_is_limited(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let (kitchen, den) = (
        app.create_room(&mara, "Kitchen", Visibility::Public).await.id,
        app.create_room(&mara, "Den", Visibility::Private).await.id,
    );
    // Ada is already a member of the Lobby.
    let fill = async |rooms: std::ops::Range<usize>| {
        let created = rooms.map(|n| {
            let service = app.service.clone();
            let (name, visibility) = (format!("room {n}"), Visibility::Private);
            let command = CreateRoom { name, visibility, ..CreateRoom::default() };
            tokio::spawn(async move { service.create_room(&ada, command, None).await.map(drop) })
        });
        futures::future::join_all(created.collect::<Vec<_>>())
            .await
            .into_iter()
            .for_each(|created| created.unwrap().unwrap());
    };
    fill(2..ROOMS_BEFORE_CONSENT).await;
    let hall = app.create_room(&mara, "Hall", Visibility::Public).await.id;
    let porch = app.create_room(&mara, "Porch", Visibility::Public).await.id;
    assert_eq!(app.add_member(&mara, porch, &ada).await.unwrap().added.len(), 1);
    app.service.leave_room(&ada, porch).await.unwrap();
    fill(ROOMS_BEFORE_CONSENT..ROOMS_BEFORE_CONSENT + 1).await;
    assert_eq!(app.add_member(&mara, hall, &ada).await.unwrap().invited, [ada.user_id]);
    fill(ROOMS_BEFORE_CONSENT + 1..ROOMS_PER_USER).await;
    let command = InviteToRoom { user_id: ada.user_id, expires_in: None };
    let invitation = app.service.create_room_invitation(&mara, den, command).await.unwrap().value.id;
    let last = app.create_room(&ada, "the last", Visibility::Public).await.id;
    let command = CreateRoom { name: "one more".into(), visibility: Visibility::Private, ..CreateRoom::default() };
    let outcomes = async || {
        let added = app.add_member(&mara, kitchen, &ada).await.unwrap();
        [
            app.service.create_room(&ada, command.clone(), None).await.map(drop).map_err(|error| error.code),
            app.service.join_room(&ada, kitchen).await.map(drop).map_err(|error| error.code),
            app.service.accept_invitation(&ada, invitation).await.map(drop).map_err(|error| error.code),
            added.refused.first().map_or(Ok(()), |refused| Err(refused.code)),
        ]
    };
    assert_eq!(outcomes().await, [Err(Code::TooManyRooms); 4]);
    // After leaving one room, another can be joined; joining a room again as its member is not refused.
    app.service.leave_room(&ada, last).await.unwrap();
    app.service.accept_invitation(&ada, invitation).await.unwrap();
    assert_eq!(app.service.join_room(&ada, den).await.unwrap().id, den);
    assert_eq!(app.add_member(&mara, den, &ada).await.unwrap().added.len(), 1);
    assert_eq!(app.service.get_snapshot(&ada).await.unwrap().rooms.len(), ROOMS_PER_USER);
}

async fn rooms_are_listed_page_by_page(app: TestApp) {
    let ada = app.create_user("ada").await;
    for n in 0..7 {
        app.create_room(&ada, &format!("room {n}"), Visibility::Public).await;
    }
    let mut names = Vec::new();
    let mut cursor = None;
    loop {
        let query = PageQuery { limit: 3, cursor };
        let page = app.service.list_rooms(&ada, RoomFilter::Visible, query).await.unwrap();
        names.extend(page.items.into_iter().map(|room| room.name));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(names.len(), 8);
    assert!(names.is_sorted_by_key(|name| name.to_lowercase()), "{names:?}");
    let nowhere = PageQuery { limit: 3, cursor: Some("nowhere".into()) };
    let error = app.service.list_rooms(&ada, RoomFilter::Visible, nowhere).await.unwrap_err();
    assert_eq!(error.code, Code::InvalidCursor);
}

async fn a_room_is_never_without_an_owner(app: TestApp) {
    let (ada, mara, yuki) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("yuki").await);
    let den = app.create_room(&ada, "den", Visibility::Public).await;
    app.service.join_room(&mara, den.id).await.unwrap();
    app.clock.advance(1000);
    app.service.join_room(&yuki, den.id).await.unwrap();
    let refused = app.service.leave_room(&ada, den.id).await.unwrap_err();
    assert_eq!(refused.code, Code::LastOwner);
    let command = TransferRoom { user_id: mara.user_id };
    app.service.transfer_room(&ada, den.id, command).await.unwrap();
    app.service.leave_room(&ada, den.id).await.unwrap();
    let role = async |caller| app.service.get_room(caller, den.id).await.unwrap().membership.map(|m| m.role);
    assert_eq!(role(&ada).await, None);
    assert_eq!(role(&mara).await, Some(RoomRole::Owner));
    assert_eq!(role(&yuki).await, Some(RoomRole::Member));
}

async fn a_snapshot_has_the_rooms_as_they_are_read_one_by_one(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    for (name, visibility) in
        [("zen", Visibility::Private), ("Den \"\\ 🦁", Visibility::Public), ("ärger", Visibility::Public)]
    {
        let room = app.create_room(&ada, name, visibility).await;
        app.add_member(&ada, room.id, &mara).await.unwrap();
        app.send_message(&ada, room.id, "one").await;
    }
    app.execute("update rooms set archived = true where name = 'zen'").await;
    app.execute("update members set favorite = true where role = 'owner'").await;
    for reader in [&ada, &mara] {
        let snapshot = app.service.get_snapshot(reader).await.unwrap();
        let page = PageQuery { limit: 50, cursor: None };
        let listed = app.service.list_rooms(reader, RoomFilter::Mine, page).await.unwrap().items;
        assert_eq!(listed.len(), 4);
        assert_eq!(snapshot.rooms, listed);
        assert_eq!(listed.iter().filter(|room| room.fixed_members).count(), 1);
        for room in listed {
            assert_eq!(app.service.get_room(reader, room.id).await.unwrap(), room);
        }
        assert_eq!(snapshot.me.id, reader.user_id);
    }
}
