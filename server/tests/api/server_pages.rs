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
    // A room that the user is not in is not remembered.
    let joinable = page(&server, &ada, &format!("/rooms/{room}"), "").await;
    assert!(joinable.headers.get_all("set-cookie").iter().all(|set| !set.as_bytes().starts_with(b"lair_room=")));
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
