//! A form that is submitted without JavaScript and refused gives its text back, however long it is.

use crate::{
    harness::{Request, Response, Server, TestUser, UNKNOWN_ID},
    rate_limit::start_rate_limited,
};
use server::config::RawConfig;

/// What is typed on each line, as it is submitted and as it is shown again.
const TYPED: &str = "a+%3C%2Ftextarea%3E+%26amp%3B+b";
const SHOWN: &str = "a &lt;/textarea> &amp;amp; b";

/// Submits a form as a browser without JavaScript does.
async fn submit(user: &TestUser, path: &str, fields: String) -> Response {
    let cookies = format!("lair_access={}; lair_refresh={}", user.access_token, user.refresh_token);
    let origin = format!("http://{}", user.api.address);
    let request = Request::new(&user.api, "POST", path).header("cookie", &cookies).header("origin", &origin);
    request.header("accept", "text/html").body("application/x-www-form-urlencoded", fields).send().await
}

/// A text of a thousand lines after an empty one, which is too long.
fn too_long(line: &str, line_break: &str) -> String {
    format!("{line_break}{}", [line; 1_000].join(line_break))
}

#[tokio::test]
async fn a_refused_message_is_in_the_composer_of_the_response() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let lobby = ada.lobby().await;
    let sent = ada.send_message(&lobby, "before").await;
    let body = too_long(TYPED, "%0D%0A");
    let refused = submit(&ada, "//do/send-message", format!("room_id={lobby}&client_id=one&body={body}")).await;
    assert_eq!((refused.status.as_u16(), refused.content_type()), (422, "text/html; charset=utf-8"));
    assert!(refused.text.contains("Message must be at most 16000 characters. This has 22000."), "{}", refused.text);
    // HTML drops the first line break of a text box.
    let shown = format!("\n{}</textarea>", too_long(SHOWN, "\r\n"));
    assert!(refused.text.contains(&shown), "{}", refused.text);
    // The rest of the page is that of the room. It has no scripts, because its URL is that of the form.
    assert!(refused.text.contains("before") && !refused.text.contains(".wasm"));
    assert!(refused.header("cache-control").contains("no-store"));
    assert_eq!(ada.get(&format!("/rooms/{lobby}")).expect(200).await["head"], sent["seq"]);
    // A page that is opened by its URL has none of it.
    let cookie = format!("lair_access={}", ada.access_token);
    let room = server.get(&format!("//rooms/{lobby}")).header("cookie", &cookie).send().await;
    assert!(room.text.contains(".wasm") && !room.text.contains(SHOWN) && !room.text.contains("must be at most"));
}

#[tokio::test]
async fn a_refused_edit_is_in_the_form_of_the_response() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let lobby = ada.lobby().await;
    let message = ada.send_message(&lobby, "as it was").await;
    let id = message["id"].as_str().expect("an id");
    let fields = format!("room_id={lobby}&message_id={id}&body={}", too_long(TYPED, "%0D%0A"));
    let refused = submit(&ada, "//do/edit-message", fields).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("Message must be at most 16000 characters. This has 22000."), "{}", refused.text);
    assert!(refused.text.contains(&[SHOWN, "</textarea>"].concat()), "{}", refused.text);
    assert_eq!(ada.get(&format!("/messages/{id}")).expect(200).await["body"], "as it was");
}

#[tokio::test]
async fn a_text_whose_room_cannot_be_shown_is_given_back_on_a_page_of_its_own() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    let form = |room: &str| format!("room_id={room}&client_id=one&body={TYPED}");
    for (room, status) in [(kitchen.as_str(), 403), (UNKNOWN_ID, 404)] {
        let refused = submit(&mara, "//do/send-message", form(room)).await;
        assert_eq!(refused.status, status, "{}", refused.text);
        assert!(refused.text.contains("Not sent") && refused.text.contains(&[SHOWN, "</textarea>"].concat()));
    }
    ada.request("POST", "/auth/logout").expect(204).await;
    let refused = submit(&ada, "//do/send-message", form(&kitchen)).await;
    assert_eq!(refused.status, 401);
    assert!(refused.text.contains("Sign in to continue.") && refused.text.contains(SHOWN), "{}", refused.text);
    assert_eq!(mara.get("//unsent").header("accept", "text/html").send().await.status, 302);
}

#[tokio::test]
async fn a_message_over_the_rate_limit_is_given_back() {
    let server =
        start_rate_limited(RawConfig { limit_write: Some("1/h burst 2".into()), ..RawConfig::default() }).await;
    let ada = server.create_user("ada").await;
    let lobby = ada.lobby().await;
    let message = ada.send_message(&lobby, "before").await;
    let id = message["id"].as_str().expect("an id");
    let send = |body: &str| submit(&ada, "//do/send-message", format!("room_id={lobby}&client_id=one&body={body}"));
    assert_eq!(send("two").await.status, 302);
    let edit = format!("room_id={lobby}&message_id={id}&body={TYPED}");
    for refused in [send(TYPED).await, submit(&ada, "//do/edit-message", edit).await] {
        assert_eq!((refused.status.as_u16(), refused.content_type()), (429, "text/html; charset=utf-8"));
        assert!(refused.text.contains(&format!("\n{SHOWN}</textarea>")), "{}", refused.text);
    }
}

#[tokio::test]
async fn a_script_gets_the_error_itself() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let origin = format!("http://{}", server.api.address);
    let fields = format!("room_id={}&client_id=one&body=+", ada.lobby().await);
    let request = ada.request("POST", "//do/send-message").header("origin", &origin).header("accept", "*/*");
    let refused = request.body("application/x-www-form-urlencoded", fields).send().await;
    assert_eq!((refused.status.as_u16(), refused.content_type()), (422, "application/json"), "{}", refused.text);
}
