use crate::harness::TestApp;
use protocol::{
    command::{CreateRoom, OpenDirectRoom, SearchRooms, SetRole},
    error::Code,
    port::prelude::*,
    room::{RoomSort, Visibility},
    session::Caller,
    user::Role,
};

on_both_databases! {
    rooms_are_found_by_words_of_name_and_topic
    only_visible_rooms_are_found
    results_are_ordered_and_paged
    rooms_of_an_earlier_version_are_found
}

fn search(query: &str, sort: RoomSort) -> SearchRooms {
    SearchRooms { query: query.into(), sort, limit: None, cursor: None }
}

async fn names(app: &TestApp, caller: &Caller, command: SearchRooms) -> Vec<String> {
    let page = app.service.search_rooms(caller, command).await.unwrap();
    page.items.into_iter().map(|room| room.name).collect()
}

async fn create(app: &TestApp, owner: &Caller, name: &str, topic: &str) {
    let visibility = Visibility::Public;
    let command = CreateRoom { name: name.into(), visibility, topic: topic.into(), ..CreateRoom::default() };
    app.service.create_room(owner, command, None).await.unwrap();
}

async fn rooms_are_found_by_words_of_name_and_topic(app: TestApp) {
    let ada = app.create_user("ada").await;
    create(&app, &ada, "Küche & Café", "Kuchen, jeden Freitag").await;
    create(&app, &ada, "田中の部屋", "").await;
    create(&app, &ada, "100%", "qx_zy").await;
    for (query, found) in [
        ("kuche", vec!["Küche & Café"]),
        ("CAFE freitag", vec!["Küche & Café"]),
        ("uche", vec!["Küche & Café"]),
        ("cafe montag", vec![]),
        ("部屋", vec!["田中の部屋"]),
        ("100", vec!["100%"]),
        ("qx_zy", vec!["100%"]),
        ("%", vec![]),
        ("", vec!["100%", "Küche & Café", "Lobby", "田中の部屋"]),
    ] {
        assert_eq!(names(&app, &ada, search(query, RoomSort::Name)).await, found, "{query}");
    }
    let error = app.service.search_rooms(&ada, search(&"x".repeat(101), RoomSort::Name)).await.unwrap_err();
    assert_eq!((error.code, error.errors[0].field.as_str()), (Code::Invalid, "query"));
}

async fn only_visible_rooms_are_found(app: TestApp) {
    let (ada, mara, guest) =
        (app.create_user("ada").await, app.create_user("mara").await, app.create_user("gast").await);
    app.service.set_role(&ada, guest.user_id, SetRole { role: Role::Guest }).await.unwrap();
    let guest = app.service.refresh_caller(&guest).await.unwrap();
    let open = app.create_room(&ada, "open", Visibility::Public).await.id;
    let secret = app.create_room(&ada, "secret", Visibility::Private).await.id;
    let user_ids = vec![mara.user_id];
    app.service.open_direct_room(&ada, OpenDirectRoom { user_ids }).await.unwrap();
    let all = || search("", RoomSort::Members);
    assert_eq!(names(&app, &ada, all()).await, ["Lobby", "secret", "open"]);
    assert_eq!(names(&app, &mara, all()).await, ["Lobby", "open"]);
    assert_eq!(names(&app, &guest, all()).await, Vec::<String>::new());
    app.add_member(&ada, secret, &guest).await.unwrap();
    for sort in [RoomSort::Name, RoomSort::Activity, RoomSort::Members] {
        assert_eq!(names(&app, &guest, search("sec", sort)).await, ["secret"]);
    }
    app.execute("update rooms set archived = (1 = 1) where name = 'open'").await;
    assert_eq!(names(&app, &ada, search("open", RoomSort::Name)).await, Vec::<String>::new());
    assert_eq!(app.service.get_room(&mara, open).await.unwrap().name, "open");
}

async fn results_are_ordered_and_paged(app: TestApp) {
    let (ada, mara) = (app.create_user("ada").await, app.create_user("mara").await);
    let mut rooms = Vec::new();
    for n in 0..7 {
        rooms.push(app.create_room(&ada, &format!("room {n}"), Visibility::Public).await.id);
    }
    for room in &rooms[..3] {
        app.service.join_room(&mara, *room).await.unwrap();
    }
    app.clock.advance(120_000);
    app.send_message(&ada, rooms[5], "hello").await;
    app.clock.advance(120_000);
    app.send_message(&ada, rooms[2], "hello").await;
    for (sort, expected) in [
        (RoomSort::Name, [0, 1, 2, 3, 4, 5, 6]),
        (RoomSort::Activity, [2, 5, 6, 4, 3, 1, 0]),
        (RoomSort::Members, [2, 1, 0, 6, 5, 4, 3]),
    ] {
        let expected: Vec<_> = expected.iter().map(|n| format!("room {n}")).collect();
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let command = SearchRooms { limit: Some(2), cursor, ..search("room", sort) };
            let page = app.service.search_rooms(&ada, command).await.unwrap();
            assert!(page.items.len() <= 2);
            found.extend(page.items.into_iter().map(|room| room.name));
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(found, expected, "{sort:?}");
    }
    // A cursor of another order is refused, as is anything else.
    let first = SearchRooms { limit: Some(2), ..search("room", RoomSort::Name) };
    let cursor = app.service.search_rooms(&ada, first).await.unwrap().next_cursor;
    for cursor in [cursor, Some("x".into()), Some(String::new()), Some("7b7d".into())] {
        let command = SearchRooms { cursor, ..search("room", RoomSort::Members) };
        assert_eq!(app.service.search_rooms(&ada, command).await.unwrap_err().code, Code::InvalidCursor);
    }
}

async fn rooms_of_an_earlier_version_are_found(app: TestApp) {
    let ada = app.create_user("ada").await;
    app.create_room(&ada, "kitchen", Visibility::Public).await;
    app.execute("update rooms set search_text = null").await;
    assert_eq!(names(&app, &ada, search("kitchen", RoomSort::Name)).await, Vec::<String>::new());
    app.service.stop().await;
    let node = app.start_node().await;
    let found = node.search_rooms(&ada, search("kitchen", RoomSort::Name)).await.unwrap();
    assert_eq!(found.items.len(), 1);
}
