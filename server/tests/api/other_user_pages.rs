//! A page belongs to one user: its requests are rejected if the cookies are those of another user.

use super::all_endpoints::Endpoint;
use crate::harness::{Request, Server, TestUser, random_name, socket::handshake};
use serde_json::json;
use std::collections::BTreeSet;

const FORM: &str = "application/x-www-form-urlencoded";

/// A same-origin request with the cookies of this user.
fn browser_request(user: &TestUser, method: &str, path: &str) -> Request {
    let cookies = format!("lair_access={}; lair_refresh={}", user.access_token, user.refresh_token);
    let origin = format!("http://{}", user.api.address);
    Request::new(&user.api, method, path).header("cookie", &cookies).header("origin", &origin)
}

/// A form as a browser without JavaScript sends it.
fn form_request(user: &TestUser, path: &str, fields: &str) -> Request {
    browser_request(user, "POST", path).header("accept", "text/html").body(FORM, fields.to_owned())
}

fn message_form(room: &str, body: &str) -> String {
    format!("room_id={room}&client_id={}&body={body}", random_name())
}

async fn last_seq(user: &TestUser, room: &str) -> i64 {
    user.get(&format!("/rooms/{room}")).expect(200).await["head"].as_i64().expect("a number")
}

#[tokio::test]
async fn every_endpoint_rejects_requests_from_another_users_page() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    for Endpoint { method, path, .. } in Endpoint::requiring_auth() {
        browser_request(&mara, &method, &path).header("lair-user", &ada.id).expect_error("other_user").await;
        mara.request(&method, &path).header("lair-user", &ada.id).expect_error("other_user").await;
    }
    // Every header must match, and an invalid id matches no user.
    mara.get("/rooms").header("lair-user", &mara.id).header("lair-user", &ada.id).expect_error("other_user").await;
    mara.get("/rooms").header("lair-user", "mara").expect_error("other_user").await;
    mara.get("/rooms").header("lair-user", "").expect_error("other_user").await;
}

#[tokio::test]
async fn requests_from_the_users_own_page_are_served_and_signed_out_ones_get_401() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    for id in [mara.id.clone(), mara.id.to_uppercase()] {
        browser_request(&mara, "GET", "/sync").header("lair-user", &id).expect(200).await;
        mara.get("/sync").header("lair-user", &id).expect(200).await;
    }
    server.get("/sync").header("lair-user", &ada.id).expect_error("not_signed_in").await;
    server
        .get("/sync")
        .header("lair-user", &ada.id)
        .header("cookie", "lair_access=x")
        .expect_error("not_signed_in")
        .await;
    let form = message_form(&mara.lobby().await, "hello") + "&lair_user=" + &ada.id;
    let origin = format!("http://{}", server.api.address);
    let response = server.post("//do/send-message").header("origin", &origin).body(FORM, form).send().await;
    assert_eq!(response.status, 401, "{}", response.text);
}

#[tokio::test]
async fn a_form_from_another_users_page_changes_nothing_and_returns_the_text() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let before = last_seq(&ada, &lobby).await;
    let fields = message_form(&lobby, "no+%3C%2Ftextarea%3E%26amp%3B+here") + "&lair_user=" + &ada.id;
    let response = form_request(&mara, "//do/send-message", &fields).send().await;
    assert_eq!((response.status.as_u16(), response.content_type()), (409, "text/html; charset=utf-8"));
    assert!(
        response.text.contains("belongs to ada") && response.text.contains("signed in as mara"),
        "{}",
        response.text
    );
    assert!(response.text.contains("no &lt;/textarea>&amp;amp; here</textarea>"), "{}", response.text);
    assert!(response.header("cache-control").contains("no-store"));
    assert_eq!(last_seq(&ada, &lobby).await, before);
    // The forms of the error page are those of the signed-in user.
    assert!(response.text.contains(&format!("value=\"{}\"", mara.id)) && !response.text.contains(&ada.id));
    // The same for a request sent by JavaScript.
    let script = || browser_request(&mara, "POST", "//do/send-message").header("accept", "application/json");
    script().body(FORM, fields.clone()).expect_error("other_user").await;
    script().header("lair-user", &ada.id).body(FORM, message_form(&lobby, "hello")).expect_error("other_user").await;
    // A password is never shown, and neither is the name of an unknown user.
    let secret = format!("login=ada&password=hearth-and-home&lair_user={}", crate::harness::UNKNOWN_ID);
    let response = form_request(&mara, "//do/auth/sign-in", &secret).send().await;
    assert_eq!(response.status, 409);
    assert!(response.text.contains("belongs to someone else") && !response.text.contains("hearth-and-home"));
    // The user of the page can send it, once.
    assert_eq!(form_request(&ada, "//do/send-message", &fields).send().await.status, 302);
    assert_eq!(last_seq(&ada, &lobby).await, before + 1);
}

#[tokio::test]
async fn background_requests_from_another_users_page_are_rejected() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let of_ada = |method: &str, path: &str| browser_request(&mara, method, path).header("lair-user", &ada.id);
    of_ada("POST", "//do/read/get-snapshot").body(FORM, "").expect_error("other_user").await;
    of_ada("POST", "//do/read/check-session").body(FORM, "").expect_error("other_user").await;
    of_ada("GET", "//do/read/profile-card?username=mara").expect_error("other_user").await;
    let open = json!({ "room_id": lobby, "position": "Latest" });
    of_ada("POST", "//do/read/open-room").json(&open).expect_error("other_user").await;
    browser_request(&mara, "POST", "//do/read/open-room").header("lair-user", &mara.id).json(&open).expect(200).await;
    of_ada("POST", "//do/sign-out").body(FORM, "").expect_error("other_user").await;
    mara.get("/sync").expect(200).await;
    // Downloads and uploads name the user in the URL.
    browser_request(&mara, "GET", &format!("/users/export?lair_user={}", ada.id)).expect_error("other_user").await;
    let upload = |user: &str| {
        let path = format!("//do/set-avatar?lair_user={user}");
        browser_request(&mara, "POST", &path).body("multipart/form-data; boundary=x", "x".repeat(400_000))
    };
    upload(&ada.id).expect_error("other_user").await;
    assert_eq!(upload(&mara.id).send().await.status, 303);
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused_for_every_user() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let large = format!("body={}", "x".repeat(300 * 1024));
    browser_request(&ada, "POST", "//do/send-message").body(FORM, large.clone()).expect_error("too_large").await;
    let pieces: Vec<_> = large.into_bytes().chunks(9000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
    let stream = reqwest::Body::wrap_stream(futures::stream::iter(pieces));
    browser_request(&ada, "POST", "//do/send-message").body(FORM, stream).expect_error("too_large").await;
}

#[tokio::test]
async fn a_socket_from_another_users_page_is_rejected() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let token = || ("authorization", format!("Bearer {}", mara.access_token));
    let refused = handshake(server.api.address, "", &[token(), ("lair-user", ada.id.clone())]).await;
    assert_eq!(refused.unwrap_err().status(), 409);
    assert!(handshake(server.api.address, "", &[token(), ("lair-user", mara.id.clone())]).await.is_ok());
}

#[tokio::test]
async fn an_open_sign_in_page_logs_in_another_user_and_invalidates_earlier_pages() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let fields = format!("login=ada&password={}", crate::harness::PASSWORD);
    let response = form_request(&mara, "//do/auth/sign-in", &fields).send().await;
    assert_eq!(response.status, 302, "{}", response.text);
    let mut cookies = response.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let access = cookies.find_map(|cookie| cookie.strip_prefix("lair_access=")?.split(';').next());
    let access = access.expect("a cookie").to_owned();
    assert_eq!(server.get("/users/profile").token(&access).expect(200).await["display_name"], "ada");
    let of_mara = server.get("/sync").header("cookie", &format!("lair_access={access}")).header("lair-user", &mara.id);
    of_mara.expect_error("other_user").await;
    server.get("/sync").token(&access).header("lair-user", &ada.id).expect(200).await;
}

#[tokio::test]
async fn a_login_clears_the_flash_secret_of_the_previous_user() {
    let server = Server::start().await;
    let mara = server.create_user("mara").await;
    let fields = format!("login=mara&password={}", crate::harness::PASSWORD);
    let origin = format!("http://{}", server.api.address);
    let request =
        server.post("//do/auth/sign-in").header("origin", &origin).header("cookie", "lair_shown=lair_a_token");
    let response = request.header("accept", "text/html").body(FORM, fields).send().await;
    let cookies: Vec<_> =
        response.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("lair_shown=; ")), "{cookies:?}");
    mara.get("/sync").expect(200).await;
}

#[tokio::test]
async fn the_other_user_page_redirects_once_its_user_is_signed_in_again() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let path = format!("//other-user?was={}", ada.id);
    let get_page = |request: Request| request.header("accept", "text/html").send();
    let response = get_page(browser_request(&mara, "GET", &path)).await;
    assert_eq!(response.status, 200);
    assert!(response.text.contains("belongs to ada") && response.text.contains("until ada signs in again"));
    let response = get_page(browser_request(&ada, "GET", &path)).await;
    assert_eq!((response.status.is_redirection(), response.header("location")), (true, "/"));
    let response = get_page(server.get(&path)).await;
    assert_eq!((response.status.is_redirection(), response.header("location")), (true, "/sign-in"));
    let response = get_page(browser_request(&mara, "GET", "//other-user?was=%3Cb%3E")).await;
    assert!(response.text.contains("belongs to someone else") && !response.text.contains("<b>"));
}

#[tokio::test]
async fn every_form_names_the_user_of_its_page() {
    let server = Server::start().await;
    let [ada, mara, tomas, ..] = server.create_users().await;
    let room = ada.create_public_room("Workshop").await;
    ada.add_member(&room, &mara).await;
    let own = ada.send_message(&room, "hello").await["id"].as_str().expect("an id").to_owned();
    let open = mara.create_public_room("Garden").await;
    mara.send_message(&ada.lobby().await, "unread").await;
    ada.put(&format!("/users/{}/block", tomas.id), &json!({})).send().await;
    ada.login_again().await;
    ada.post("/tokens", &json!({ "label": "a script", "scope": "read" })).send().await;
    ada.post("/admin/invitations", &json!({})).send().await;
    let routes = leptos_axum::generate_route_list(app::App).into_iter();
    let routes = routes.chain(leptos_axum::generate_route_list(app::ServerPages)).map(|route| route.path().to_owned());
    let mut pages: BTreeSet<String> = routes.filter(|path| !path.starts_with("/do/")).collect();
    assert!(pages.len() > 30, "{pages:?}");
    pages.insert(format!("/rooms/{open}"));
    let mut forms = 0;
    for page in pages {
        let id = if page.starts_with("/admin/people/") { &mara.id } else { &room };
        let path = page
            .replace("{id}", id)
            .replace("{message}", &own)
            .replace("{username}", "mara")
            .replace("{user}", &mara.id);
        let response = browser_request(&ada, "GET", &format!("/{path}")).header("accept", "text/html").send().await;
        // A reset page needs the token of an emailed link.
        assert!(response.status.as_u16() < 400 || path == "/reset", "{path}: {}", response.status);
        if response.status.is_success() {
            assert!(response.text.contains(&format!(" data-user=\"{}\"", ada.id)), "{path}");
        }
        for form in response.text.split("<form").skip(1).filter(|form| is_post(form)) {
            forms += 1;
            assert!(names_user(form, &ada.id), "{path}: <form{}", form.split("</form>").next().unwrap_or_default());
        }
    }
    assert!(forms > 60, "{forms}");
    // Pages without a signed-in user name no user.
    for path in ["//sign-in", "//sign-up", "//forgot"] {
        let response = server.get(path).header("accept", "text/html").send().await;
        assert!(!response.text.contains("lair_user") && !response.text.contains("data-user"), "{path}");
    }
}

fn is_post(form: &str) -> bool {
    form.split('>').next().is_some_and(|tag| tag.contains("method=\"post\""))
}

fn names_user(form: &str, user: &str) -> bool {
    let form = form.split("</form>").next().unwrap_or_default();
    let field = format!("<input type=\"hidden\" name=\"lair_user\" value=\"{user}\">");
    let with_file = form.contains("enctype=\"multipart/form-data\"") && form.contains(&format!("?lair_user={user}\""));
    form.contains(&field) || with_file
}
