//! User content is escaped on every page.

use crate::harness::{Request, Server, TestUser};
use serde_json::json;

/// Closes any enclosing attribute or element, and opens an element that no page uses.
const PAYLOAD: &str = "\"'></textarea></title></p><xq7>";

/// A same-origin request with the cookies of this user.
fn browser_request(user: &TestUser, method: &str, path: &str) -> Request {
    let origin = format!("http://{}", user.api.address);
    let cookies = format!("lair_access={}; lair_refresh={}", user.access_token, user.refresh_token);
    user.request(method, path).header("cookie", &cookies).header("origin", &origin).header("accept", "text/html")
}

async fn check(user: &TestUser, path: &str) {
    let response = browser_request(user, "GET", &format!("/{path}")).send().await;
    assert_eq!(response.status, 200, "{path}");
    assert!(!response.text.contains("<xq7"), "{path}: {}", response.text);
    assert!(response.text.contains("</html>"), "{path}");
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
    let admin_page = format!("/admin/people/{}", mallory.id);
    let pages = [
        "/rooms",
        "/people",
        "/people/mallory",
        "/settings/blocked",
        "/admin/people",
        admin_page.as_str(),
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
        let response = browser_request(&ada, "GET", &format!("/{page}?{query}")).send().await;
        assert!(!response.text.contains("<xq7"), "{page}: {}", response.text);
    }
    // A rejected form is shown again with the typed values.
    let form =
        format!("display_name={hostile}&bio={hostile}&pronouns={hostile}&time_zone={hostile}&language={hostile}");
    let request = browser_request(&ada, "POST", "//do/update-profile")
        .header("referer", &format!("http://{}/settings/profile", ada.api.address));
    let response = request.body("application/x-www-form-urlencoded", form).send().await;
    let back = response.header("location").to_owned();
    assert!(response.status.is_redirection() && back.contains("bio="), "{back}");
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
        let request = server.post("//do/auth/sign-in").header("origin", &origin).header("accept", "text/html");
        let request = request.header("referer", &format!("{origin}/sign-in"));
        request.body("application/x-www-form-urlencoded", form(login)).send().await.header("location").to_owned()
    };
    let page = async |path: &str| server.get(&format!("/{path}")).header("accept", "text/html").send().await.text;
    let error_text = "Wrong username or password.";
    let back = sent(&ada.username).await;
    assert!(page(&back).await.contains(error_text), "{back}");
    let (_, error) = back.split_once("__err=").expect("an error in the URL");
    let error = error.split('&').next().unwrap_or_default();
    let signature = back
        .split_once("__signature=")
        .map(|(_, signature)| signature.split('&').next().unwrap_or_default())
        .expect("a signature");
    // A foreign signature, none, and a valid one with another error or on another form.
    let forged = "eyJjb2RlIjoid3JvbmdfY3JlZGVudGlhbHMiLCJkZXRhaWwiOiJDYWxsIHVzLiIsImVycm9ycyI6W119";
    for (path, error, signature) in [
        ("sign-in", forged, signature),
        ("sign-in", forged, "x.y.z"),
        ("sign-in", error, ada.access_token.as_str()),
        ("sign-in", error, ""),
        ("sign-up", error, signature),
    ] {
        let text = page(&format!("/{path}?__path=/do/auth/{path}&__err={error}&__signature={signature}")).await;
        assert!(!text.contains("Call us.") && !text.contains(error_text), "{path} {error} {signature}");
    }
}
