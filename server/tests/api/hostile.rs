//! What people call themselves and say, on every page: text, whatever it looks like.

use crate::harness::{Request, Server, TestUser};
use serde_json::json;

/// Ends whatever it may stand in, and begins an element that no page has.
const PAYLOAD: &str = "\"'></textarea></title></p><xq7>";

/// A browser of theirs asks, as if from a page of the server's own.
fn browser_request(person: &TestUser, method: &str, path: &str) -> Request {
    let origin = format!("http://{}", person.api.address);
    let cookies = format!("lair_access={}; lair_refresh={}", person.access_token, person.refresh_token);
    person.request(method, path).header("cookie", &cookies).header("origin", &origin).header("accept", "text/html")
}

async fn check(person: &TestUser, path: &str) {
    let answer = browser_request(person, "GET", &format!("/{path}")).send().await;
    assert_eq!(answer.status, 200, "{path}");
    assert!(!answer.text.contains("<xq7"), "{path}: {}", answer.text);
    assert!(answer.text.contains("</html>"), "{path}");
}

#[tokio::test]
async fn user_content_is_escaped_on_every_page() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let mallory = server.create_user("mallory").await;
    let profile = json!({ "display_name": PAYLOAD, "bio": PAYLOAD, "pronouns": PAYLOAD });
    mallory.put("/users/profile", &profile).expect(200).await;
    mallory.put("/users/status", &json!({ "text": PAYLOAD })).expect(200).await;
    mallory.put("/sessions/current", &json!({ "label": PAYLOAD })).expect(200).await;
    mallory.post("/tokens", &json!({ "label": PAYLOAD, "scope": "read" })).expect(201).await;
    let room = mallory.post("/rooms", &json!({ "name": PAYLOAD, "topic": PAYLOAD })).expect(201).await;
    let room = room["id"].as_str().expect("an id");
    let request = mallory.post(&format!("/rooms/{room}/messages"), &json!({ "body": PAYLOAD, "client_id": "1" }));
    let sent = request.expect(201).await;
    let message_id = sent["id"].as_str().expect("an id");
    let joinable = mallory.create_public_room(&format!("{PAYLOAD}2")).await;
    ada.post(&format!("/rooms/{room}/join"), &json!({})).expect(200).await;
    ada.put(&format!("/users/{}/block", mallory.id), &json!({})).expect(204).await;

    let (room_page, message) = (format!("/rooms/{room}"), format!("/rooms/{room}/messages/{message_id}"));
    let theirs = format!("/admin/people/{}", mallory.id);
    let pages = [
        "/rooms",
        "/people",
        "/people/mallory",
        "/settings/blocked",
        "/admin/people",
        theirs.as_str(),
        room_page.as_str(),
    ];
    for page in pages {
        check(&ada, page).await;
    }
    for page in [
        format!("{room_page}/members"),
        format!("{message}/edit"),
        format!("{message}/delete"),
        format!("/rooms/{joinable}"),
    ] {
        check(&ada, &page).await;
    }
    let own = ["profile", "preferences", "account", "security", "sessions", "tokens", "data", "confirm"];
    for page in
        own.map(|name| format!("/settings/{name}")).iter().map(String::as_str).chain(["/settings", "/notifications"])
    {
        check(&mallory, page).await;
    }
    for page in [format!("{message}/edit"), format!("{message}/delete"), "/people/mallory".to_owned()] {
        check(&mallory, &page).await;
    }
}

#[tokio::test]
async fn query_parameters_and_form_values_are_escaped() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let hostile: String = form_urlencoded::byte_serialize(PAYLOAD.as_bytes()).collect();
    for page in ["/people", "/admin/people", "/settings/confirm", "/admin/invitations", "/admin/reset-link"] {
        let query =
            ["q", "query", "cursor", "next", "done", "made", "token"].map(|name| format!("{name}={hostile}")).join("&");
        let answer = browser_request(&ada, "GET", &format!("/{page}?{query}")).send().await;
        assert!(!answer.text.contains("<xq7"), "{page}: {}", answer.text);
    }
    // A form that was sent in vain comes back with what was typed.
    let form =
        format!("display_name={hostile}&bio={hostile}&pronouns={hostile}&time_zone={hostile}&language={hostile}");
    let ask = browser_request(&ada, "POST", "//do/profile")
        .header("referer", &format!("http://{}/settings/profile", ada.api.address));
    let answer = ask.body("application/x-www-form-urlencoded", form).send().await;
    let back = answer.header("location").to_owned();
    assert!(answer.status.is_redirection() && back.contains("bio="), "{back}");
    let path = back.split_once("/settings").map(|(_, rest)| format!("/settings{rest}")).expect("the form's own page");
    check(&ada, &path).await;
}

#[tokio::test]
async fn error_messages_in_links_must_be_signed() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let origin = format!("http://{}", server.api.address);
    let form = |login: &str| format!("login={login}&password=not-the-one");
    let sent = async |login: &str| {
        let ask = server.post("//do/sign-in").header("origin", &origin).header("accept", "text/html");
        let ask = ask.header("referer", &format!("{origin}/sign-in"));
        ask.body("application/x-www-form-urlencoded", form(login)).send().await.header("location").to_owned()
    };
    let page = async |path: &str| server.get(&format!("/{path}")).header("accept", "text/html").send().await.text;
    let ours = "That name and password do not belong together.";
    let back = sent(&ada.username).await;
    assert!(page(&back).await.contains(ours), "{back}");
    let (_, error) = back.split_once("__err=").expect("an error in the URL");
    let error = error.split('&').next().unwrap_or_default();
    let seal = back.split_once("__seal=").map(|(_, seal)| seal.split('&').next().unwrap_or_default()).expect("a seal");
    // Another's seal, none, and ours under another error or on another form.
    let forged = "eyJjb2RlIjoid3JvbmdfY3JlZGVudGlhbHMiLCJkZXRhaWwiOiJDYWxsIHVzLiIsImVycm9ycyI6W119";
    for (path, error, seal) in [
        ("sign-in", forged, seal),
        ("sign-in", forged, "x.y.z"),
        ("sign-in", error, ada.access_token.as_str()),
        ("sign-in", error, ""),
        ("sign-up", error, seal),
    ] {
        let text = page(&format!("/{path}?__path=/do/{path}&__err={error}&__seal={seal}")).await;
        assert!(!text.contains("Call us.") && !text.contains(ours), "{path} {error} {seal}");
    }
}
