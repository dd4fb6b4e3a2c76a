//! Server-rendered pages: what stands beside them, what takes their place, and the rating of passwords on them.

use crate::{
    browser::session_cookies,
    harness::{Response, Server, TestUser},
};
use serde_json::json;

async fn page(server: &Server, user: &TestUser, path: &str, cookie: &str) -> Response {
    let cookies = format!("{}; {cookie}", session_cookies(user));
    server.get(&format!("/{path}")).header("accept", "text/html").header("cookie", &cookies).send().await
}

#[tokio::test]
async fn a_password_is_rated_with_the_names_of_its_user_and_counted_as_a_read() {
    let server = Server::start().await;
    let ada = server.create_user("adalovelace").await;
    let rate = async |fields: &str, cookie: &str| {
        let origin = format!("http://{}", server.api.address);
        let request = server.post("//do/read/rate-password").header("origin", &origin).header("cookie", cookie);
        let response = request.body("application/x-www-form-urlencoded", fields.to_owned()).send().await;
        assert_eq!(response.status, 200, "{response:?}");
        let (score, advice) = response.text.split_once('\n').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        (score.parse::<u8>().unwrap(), advice)
    };
    assert_eq!(rate("password=a+den+with+a+hearth", "").await, (4, "This password is very good.".to_owned()));
    let (score, advice) = rate("password=password1234", "").await;
    assert!(score < 3 && advice.starts_with("This password is easy to guess. "), "{score} {advice}");
    let strong = rate("password=adalovelace77", "").await.0;
    let named = rate("password=adalovelace77&username=adalovelace", "").await.0;
    let own = rate("password=adalovelace77", &session_cookies(&ada)).await.0;
    assert!(named < strong && own == named, "{strong} {named} {own}");
    assert_eq!(rate("password=short", "").await.1, "Password must be at least 8 characters.");
}

#[tokio::test]
async fn a_room_that_was_opened_is_where_the_home_page_leads_while_the_user_is_in_it() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let room = ada.post("/rooms", &json!({ "name": "Workshop" })).expect(201).await;
    let room = room["id"].as_str().unwrap();
    let opened = page(&server, &ada, &format!("/rooms/{room}"), "").await;
    let cookie = format!("lair_room={room}");
    let cookies = opened.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let set: Vec<_> = cookies.filter(|set| set.starts_with("lair_room=")).collect();
    assert_eq!(set, [format!("{cookie}; Path=/; SameSite=Lax")]);
    let home = async |cookie: &str| page(&server, &ada, "/", cookie).await.header("location").to_owned();
    assert_eq!(home(&cookie).await, format!("/rooms/{room}"));
    let lobby = home("").await;
    assert_ne!(lobby, format!("/rooms/{room}"));
    assert_eq!(home("lair_room=nothing").await, lobby);
    ada.post(&format!("/rooms/{room}/leave"), &json!({})).expect(204).await;
    assert_eq!(home(&cookie).await, lobby);
    // Those before the last one are remembered too, each once, and a few of them.
    let nine: Vec<String> = (0..9).map(|n| format!("00000000-0000-4000-8000-{n:012}")).collect();
    let opened =
        page(&server, &ada, &lobby, &format!("lair_room={}.{}", nine.join("."), lobby.replace("/rooms/", ""))).await;
    let expected = format!("lair_room={}.{}; Path=/; SameSite=Lax", lobby.replace("/rooms/", ""), nine[..7].join("."));
    assert!(opened.headers.get_all("set-cookie").iter().any(|set| set == expected.as_str()), "{:?}", opened.headers);
    // A room that the user is not in is not remembered.
    let joinable = page(&server, &ada, &format!("/rooms/{room}"), "").await;
    assert!(joinable.headers.get_all("set-cookie").iter().all(|set| !set.as_bytes().starts_with(b"lair_room=")));
}

/// The rooms beside a page, by name, in their order.
fn rooms_beside(page: &Response) -> Vec<&str> {
    let nav = page.text.split("sidebar-nav").nth(1).and_then(|rest| rest.split("</nav>").next());
    let names = nav.expect("the rooms").split("<span class=\"sidebar-link-name\">").skip(1);
    names.map(|rest| rest.split('<').next().unwrap_or_default()).collect()
}

#[tokio::test]
async fn of_many_rooms_a_page_draws_those_that_matter_and_links_to_a_page_of_all() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let mut rooms = vec![lobby.clone()];
    for number in 1..40 {
        rooms.push(ada.create_public_room(&format!("Project {number:02}")).await);
    }
    let few = page(&server, &ada, &format!("/rooms/{lobby}"), "").await;
    assert_eq!((rooms_beside(&few).len(), few.text.contains("/rooms/mine")), (40, false));
    for number in 40..60 {
        rooms.push(ada.create_public_room(&format!("Project {number:02}")).await);
    }
    // One is unread, one was open before, one is open; of the others those count that were joined last.
    mara.join(&rooms[3]).await;
    mara.send_message(&rooms[3], "hello").await;
    let path = format!("/rooms/{}", rooms[7]);
    let many = page(&server, &ada, &path, &format!("lair_room={}", rooms[5])).await;
    let expected = [3, 5, 7].into_iter().chain(23..60).map(|number| format!("Project {number:02}"));
    assert_eq!(rooms_beside(&many), expected.collect::<Vec<_>>());
    // The others are in the page once: as data, from which the browser draws them.
    for number in 1..60 {
        let times = many.text.matches(&format!("Project {number:02}")).count();
        let is_drawn = [3, 5].contains(&number) || number >= 23;
        assert!(number == 7 || times == 1 + usize::from(is_drawn), "Project {number:02}: {times} times");
    }
    assert!(many.text.contains("href=\"/rooms/mine\""));
    assert_eq!(rooms_beside(&page(&server, &ada, "/people", "").await).len(), 40);
    let all = page(&server, &ada, "/rooms/mine", "").await;
    let (_, list) = all.text.split_once("<ul class=\"room-list\">").expect("a list");
    assert_eq!(list.matches("<li").count(), 60);
    assert!(rooms.iter().all(|room| list.contains(&format!("\"/rooms/{room}\""))));
    assert_eq!(list.matches(" unread<").count(), 1);
    let found = page(&server, &ada, "/rooms/mine?q=project+3", "").await;
    assert_eq!(found.text.matches("room-card-text").count(), 10);
}

#[tokio::test]
async fn people_notifications_and_unknown_addresses_have_the_rooms_beside_them() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    ada.post("/rooms", &json!({ "name": "Workshop" })).expect(201).await;
    for (path, status) in [("/people", 200), ("/people/ada", 200), ("/notifications", 200), ("/nowhere", 404)] {
        let shown = page(&server, &ada, path, "").await;
        assert_eq!(shown.status, status, "{path}");
        assert!(shown.text.contains("aria-label=\"Rooms\"") && shown.text.contains("Workshop"), "{path}");
    }
    let settings = page(&server, &ada, "/settings/profile", "").await;
    assert!(settings.text.contains("aria-label=\"Settings\"") && !settings.text.contains("Workshop"));
    let stranger = server.get("//nowhere").header("accept", "text/html").send().await;
    assert_eq!(stranger.status, 404);
    assert!(!stranger.text.contains("aria-label=\"Rooms\""));
}

#[tokio::test]
async fn a_page_for_others_is_refused_as_a_whole() {
    let server = Server::start().await;
    server.create_user("admin").await;
    let ada = server.create_user("ada").await;
    for path in ["/admin/people", "/admin/invitations", "/admin/settings"] {
        let shown = page(&server, &ada, path, "").await;
        assert_eq!(shown.status, 403, "{path}");
        // The form to sign out is beside it.
        assert!(shown.text.contains("You can't open this page") && shown.text.matches("<form").count() == 1, "{path}");
    }
}
