//! A page belongs to one person: what it sends with the cookies of somebody else is refused, and nothing is done.

use super::every::Endpoint;
use crate::harness::{Ask, Person, Server, fresh_name, socket::knock};
use serde_json::json;
use std::collections::BTreeSet;

const FORM: &str = "application/x-www-form-urlencoded";

/// A request of a page of the server's own, with the cookies of this person.
fn browser(person: &Person, method: &str, path: &str) -> Ask {
    let cookies = format!("lair_access={}; lair_refresh={}", person.access_token, person.refresh_token);
    let origin = format!("http://{}", person.at.address);
    Ask::new(&person.at, method, path).header("cookie", &cookies).header("origin", &origin)
}

/// A form as a browser without scripts sends it.
fn plain(person: &Person, path: &str, fields: &str) -> Ask {
    browser(person, "POST", path).header("accept", "text/html").body(FORM, fields.to_owned())
}

fn message(room: &str, body: &str) -> String {
    format!("room_id={room}&client_id={}&body={body}", fresh_name())
}

async fn heads(person: &Person, room: &str) -> i64 {
    person.get(&format!("/rooms/{room}")).expect(200).await["head"].as_i64().expect("a number")
}

#[tokio::test]
async fn every_endpoint_refuses_what_a_page_of_somebody_else_asks() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    for Endpoint { method, path, .. } in Endpoint::behind_the_door() {
        browser(&mara, &method, &path).header("lair-user", &ada.id).refused("other_user").await;
        mara.ask(&method, &path).header("lair-user", &ada.id).refused("other_user").await;
    }
    // Both of two must be right, and what is no id is nobody's.
    mara.get("/rooms").header("lair-user", &mara.id).header("lair-user", &ada.id).refused("other_user").await;
    mara.get("/rooms").header("lair-user", "mara").refused("other_user").await;
    mara.get("/rooms").header("lair-user", "").refused("other_user").await;
}

#[tokio::test]
async fn ones_own_page_is_served_and_who_is_signed_out_is_told_that() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    for id in [mara.id.clone(), mara.id.to_uppercase()] {
        browser(&mara, "GET", "/sync").header("lair-user", &id).expect(200).await;
        mara.get("/sync").header("lair-user", &id).expect(200).await;
    }
    server.get("/sync").header("lair-user", &ada.id).refused("not_signed_in").await;
    server.get("/sync").header("lair-user", &ada.id).header("cookie", "lair_access=x").refused("not_signed_in").await;
    let form = message(&mara.lobby().await, "hello") + "&lair_user=" + &ada.id;
    let origin = format!("http://{}", server.at.address);
    let answer = server.post("//do/send-message").header("origin", &origin).body(FORM, form).send().await;
    assert_eq!(answer.status, 401, "{}", answer.text);
}

#[tokio::test]
async fn a_form_of_somebody_elses_page_does_nothing_and_gives_back_what_was_written() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let lobby = ada.lobby().await;
    let fields = message(&lobby, "no+%3C%2Ftextarea%3E%26amp%3B+here") + "&lair_user=" + &ada.id;
    let answer = plain(&mara, "//do/send-message", &fields).send().await;
    assert_eq!((answer.status.as_u16(), answer.kind()), (409, "text/html; charset=utf-8"));
    assert!(answer.text.contains("belongs to ada") && answer.text.contains("signed in as mara"), "{}", answer.text);
    assert!(answer.text.contains("no &lt;/textarea>&amp;amp; here</textarea>"), "{}", answer.text);
    assert!(answer.header("cache-control").contains("no-store"));
    assert_eq!(heads(&ada, &lobby).await, 0);
    // Its forms are those of who is signed in now.
    assert!(answer.text.contains(&format!("value=\"{}\"", mara.id)) && !answer.text.contains(&ada.id));
    // The same by a script.
    let script = || browser(&mara, "POST", "//do/send-message").header("accept", "application/json");
    script().body(FORM, fields.clone()).refused("other_user").await;
    script().header("lair-user", &ada.id).body(FORM, message(&lobby, "hello")).refused("other_user").await;
    // A secret is never shown, and who cannot be named is not.
    let secret = format!("login=ada&password=hearth-and-home&lair_user={}", crate::harness::NOBODY);
    let answer = plain(&mara, "//do/sign-in", &secret).send().await;
    assert_eq!(answer.status, 409);
    assert!(answer.text.contains("belongs to somebody else") && !answer.text.contains("hearth-and-home"));
    // Its own person says it, once.
    assert_eq!(plain(&ada, "//do/send-message", &fields).send().await.status, 302);
    assert_eq!(heads(&ada, &lobby).await, 1);
}

#[tokio::test]
async fn whatever_a_page_asks_in_the_background_is_refused_alike() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let lobby = ada.lobby().await;
    let of_ada = |method: &str, path: &str| browser(&mara, method, path).header("lair-user", &ada.id);
    of_ada("POST", "//do/snapshot").body(FORM, "").refused("other_user").await;
    of_ada("POST", "//do/still-here").body(FORM, "").refused("other_user").await;
    of_ada("GET", "//do/card?username=mara").refused("other_user").await;
    let open = json!({ "room_id": lobby, "place": "Latest" });
    of_ada("POST", "//do/open-room").json(&open).refused("other_user").await;
    browser(&mara, "POST", "//do/open-room").header("lair-user", &mara.id).json(&open).expect(200).await;
    of_ada("POST", "//do/sign-out").body(FORM, "").refused("other_user").await;
    mara.get("/sync").expect(200).await;
    // What is downloaded names the user in its address, and so does a form that sends a file.
    browser(&mara, "GET", &format!("/users/export?lair_user={}", ada.id)).refused("other_user").await;
    let upload = |user: &str| {
        let path = format!("//do/avatar?lair_user={user}");
        browser(&mara, "POST", &path).body("multipart/form-data; boundary=x", "x".repeat(400_000))
    };
    upload(&ada.id).refused("other_user").await;
    assert_eq!(upload(&mara.id).send().await.status, 303);
}

#[tokio::test]
async fn a_form_that_is_too_large_is_refused_whoever_sends_it() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let large = format!("body={}", "x".repeat(300 * 1024));
    browser(&ada, "POST", "//do/send-message").body(FORM, large.clone()).refused("too_large").await;
    let pieces: Vec<_> = large.into_bytes().chunks(9000).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect();
    let stream = reqwest::Body::wrap_stream(futures::stream::iter(pieces));
    browser(&ada, "POST", "//do/send-message").body(FORM, stream).refused("too_large").await;
}

#[tokio::test]
async fn a_socket_is_not_opened_for_a_page_of_somebody_else_that_says_so() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let token = || ("authorization", format!("Bearer {}", mara.access_token));
    let refused = knock(server.at.address, "", &[token(), ("lair-user", ada.id.clone())]).await;
    assert_eq!(refused.unwrap_err().status(), 409);
    assert!(knock(server.at.address, "", &[token(), ("lair-user", mara.id.clone())]).await.is_ok());
}

#[tokio::test]
async fn a_sign_in_page_that_was_left_open_signs_in_whose_password_it_is_and_the_pages_before_end() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let fields = format!("login=ada&password={}", crate::harness::PASSWORD);
    let answer = plain(&mara, "//do/sign-in", &fields).send().await;
    assert_eq!(answer.status, 302, "{}", answer.text);
    let mut cookies = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let access = cookies.find_map(|cookie| cookie.strip_prefix("lair_access=")?.split(';').next());
    let access = access.expect("a cookie").to_owned();
    assert_eq!(server.get("/users/profile").token(&access).expect(200).await["display_name"], "ada");
    let of_mara = server.get("/sync").header("cookie", &format!("lair_access={access}")).header("lair-user", &mara.id);
    of_mara.refused("other_user").await;
    server.get("/sync").token(&access).header("lair-user", &ada.id).expect(200).await;
}

#[tokio::test]
async fn a_secret_that_waits_to_be_shown_goes_with_whoever_made_it() {
    let server = Server::start().await;
    let mara = server.person("mara").await;
    let fields = format!("login=mara&password={}", crate::harness::PASSWORD);
    let origin = format!("http://{}", server.at.address);
    let ask = server.post("//do/sign-in").header("origin", &origin).header("cookie", "lair_shown=lair_a_token");
    let answer = ask.header("accept", "text/html").body(FORM, fields).send().await;
    let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()).collect();
    assert!(cookies.iter().any(|cookie| cookie.starts_with("lair_shown=; ")), "{cookies:?}");
    mara.get("/sync").expect(200).await;
}

#[tokio::test]
async fn the_page_that_says_it_leads_on_once_its_person_is_back() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.people().await;
    let path = format!("//other-user?was={}", ada.id);
    let look = |ask: Ask| ask.header("accept", "text/html").send();
    let answer = look(browser(&mara, "GET", &path)).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text.contains("belongs to ada") && answer.text.contains("until ada signs in again"));
    let answer = look(browser(&ada, "GET", &path)).await;
    assert_eq!((answer.status.is_redirection(), answer.header("location")), (true, "/"));
    let answer = look(server.get(&path)).await;
    assert_eq!((answer.status.is_redirection(), answer.header("location")), (true, "/sign-in"));
    let answer = look(browser(&mara, "GET", "//other-user?was=%3Cb%3E")).await;
    assert!(answer.text.contains("belongs to somebody else") && !answer.text.contains("<b>"));
}

#[tokio::test]
async fn every_form_of_every_page_says_whose_page_it_is() {
    let server = Server::start().await;
    let [ada, mara, tomas, ..] = server.people().await;
    let room = ada.room("Workshop").await;
    ada.bring_in(&room, &mara).await;
    let own = ada.say(&room, "hello").await["id"].as_str().expect("an id").to_owned();
    let open = mara.room("Garden").await;
    mara.say(&ada.lobby().await, "unread").await;
    ada.put(&format!("/users/{}/block", tomas.id), &json!({})).send().await;
    ada.sign_in_again().await;
    ada.post("/tokens", &json!({ "label": "a script", "scope": "read" })).send().await;
    ada.post("/admin/invitations", &json!({})).send().await;
    let routes = leptos_axum::generate_route_list(app::App).into_iter();
    let routes = routes.chain(leptos_axum::generate_route_list(app::StillApp)).map(|route| route.path().to_owned());
    let mut pages: BTreeSet<String> = routes.filter(|path| !path.starts_with("/do/")).collect();
    assert!(pages.len() > 30, "{pages:?}");
    pages.insert(format!("/rooms/{open}"));
    let mut forms = 0;
    for page in pages {
        let id = if page.starts_with("/admin/people/") { &mara.id } else { &room };
        let path = page.replace("{id}", id).replace("{message}", &own).replace("{username}", "mara");
        let answer = browser(&ada, "GET", &format!("/{path}")).header("accept", "text/html").send().await;
        // A link to set a new password is one that was mailed.
        assert!(answer.status.as_u16() < 400 || path == "/reset", "{path}: {}", answer.status);
        if answer.status.is_success() {
            assert!(answer.text.contains(&format!(" data-user=\"{}\"", ada.id)), "{path}");
        }
        for form in answer.text.split("<form").skip(1).filter(|form| is_post(form)) {
            forms += 1;
            assert!(says(form, &ada.id), "{path}: <form{}", form.split("</form>").next().unwrap_or_default());
        }
    }
    assert!(forms > 60, "{forms}");
    // Nobody's pages say nothing.
    for path in ["//sign-in", "//sign-up", "//forgot"] {
        let answer = server.get(path).header("accept", "text/html").send().await;
        assert!(!answer.text.contains("lair_user") && !answer.text.contains("data-user"), "{path}");
    }
}

fn is_post(form: &str) -> bool {
    form.split('>').next().is_some_and(|tag| tag.contains("method=\"post\""))
}

fn says(form: &str, user: &str) -> bool {
    let form = form.split("</form>").next().unwrap_or_default();
    let field = format!("<input type=\"hidden\" name=\"lair_user\" value=\"{user}\">");
    let with_file = form.contains("enctype=\"multipart/form-data\"") && form.contains(&format!("?lair_user={user}\""));
    form.contains(&field) || with_file
}
