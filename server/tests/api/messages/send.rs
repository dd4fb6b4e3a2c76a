use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn a_message_is_numbered_rendered_and_read_by_its_author() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let lobby = ada.create_public_room("Hall").await;
    let body = json!({ "body": "**hello** <script>alert(1)</script>", "client_id": "first" });
    let message = ada.post(&format!("/rooms/{lobby}/messages"), &body).expect(201).await;
    assert_eq!((&message["seq"], &message["client_id"]), (&json!(1), &json!("first")));
    assert_eq!(message["author"]["username"], "ada");
    assert_eq!(message["body"], body["body"]);
    let html = message["html"].as_str().unwrap();
    assert!(html.contains("<strong>hello</strong>") && !html.contains("<script"), "{html}");
    assert_eq!(ada.send_message(&lobby, "again").await["seq"], 2);
    let room = ada.get(&format!("/rooms/{lobby}")).expect(200).await;
    assert_eq!((&room["head"], &room["membership"]["unread"]), (&json!(2), &json!(0)));
}

#[tokio::test]
async fn a_repeat_never_creates_a_second_message() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let path = format!("/rooms/{lobby}/messages");
    let body = json!({ "body": "hello", "client_id": "one" });
    let first = ada.post(&path, &body).expect(201).await;
    assert_eq!(ada.post(&path, &body).expect(200).await, first);
    // Client ids are per author: another user can use the same one.
    let seq = first["seq"].as_i64().unwrap();
    assert_eq!(mara.post(&path, &body).expect(201).await["seq"], seq + 1);
    let history = ada.get(&path).expect(200).await;
    let texts = history["items"].as_array().unwrap().iter().filter(|message| message["kind"] == "text");
    assert_eq!(texts.count(), 2);
}

#[tokio::test]
async fn a_client_id_identifies_one_message_only() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let (lobby, kitchen) = (ada.lobby().await, ada.create_public_room("Kitchen").await);
    let (path, other_room) = (format!("/rooms/{lobby}/messages"), format!("/rooms/{kitchen}/messages"));
    let body = json!({ "body": "hello", "client_id": "one" });
    let other = json!({ "body": "something else", "client_id": "one" });
    let first = ada.post(&path, &body).expect(201).await;
    ada.post(&path, &other).expect_error("client_id_reused").await;
    ada.post(&other_room, &body).expect_error("client_id_reused").await;
    // A repeat is compared with the original body, not with the edited one.
    let id = first["id"].as_str().unwrap();
    let edited = ada.put(&format!("/messages/{id}"), &json!({ "body": "something else" })).expect(200).await;
    assert_eq!(ada.post(&path, &body).expect(200).await, edited);
    ada.post(&path, &other).expect_error("client_id_reused").await;
    let none = json!([]);
    assert_eq!(ada.get(&other_room).expect(200).await["items"], none);
}

#[tokio::test]
async fn a_reused_form_with_another_body_shows_an_error() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let lobby = ada.lobby().await;
    let send = async |body: &str| {
        let form = format!("room_id={lobby}&client_id=one&body={body}");
        let origin = format!("http://{}", server.api.address);
        let request = ada.request("POST", "//do/send-message").header("accept", "text/html").header("origin", &origin);
        request.body("application/x-www-form-urlencoded", form).send().await
    };
    assert_eq!(send("hello").await.status, 302);
    assert_eq!(send("hello").await.status, 302);
    let refused = send("something+else").await;
    assert_eq!((refused.status.as_u16(), refused.header("location")), (409, ""));
    assert!(refused.text.contains("already sent a message") && refused.text.contains("something else</textarea>"));
}

#[tokio::test]
async fn only_members_can_send() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let (kitchen, cellar) = (ada.create_public_room("Kitchen").await, ada.create_private_room("Cellar").await);
    let body = json!({ "body": "hello", "client_id": "one" });
    mara.post(&format!("/rooms/{kitchen}/messages"), &body).expect_error("not_a_member").await;
    mara.post(&format!("/rooms/{cellar}/messages"), &body).expect_error("not_found").await;
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let path = format!("/rooms/{}/messages", ada.lobby().await);
    let wrong = async |body, field, code| ada.post(&path, &body).expect_field_error(field, code).await;
    wrong(json!({ "client_id": "a" }), "body", "required").await;
    wrong(json!({ "body": "hello" }), "client_id", "required").await;
    wrong(json!({ "body": " \n ", "client_id": "a" }), "body", "required").await;
    wrong(json!({ "body": "a\u{0}b", "client_id": "a" }), "body", "invalid").await;
    wrong(json!({ "body": "x".repeat(16_001), "client_id": "a" }), "body", "too_long").await;
    wrong(json!({ "body": "hello", "client_id": "" }), "client_id", "required").await;
    wrong(json!({ "body": "hello", "client_id": "x".repeat(65) }), "client_id", "too_long").await;
    wrong(json!({ "body": "hello", "client_id": "ü" }), "client_id", "invalid").await;
    wrong(json!({ "body": "hello", "client_id": 1 }), "client_id", "wrong_type").await;
    wrong(json!({ "body": "hello", "client_id": "a", "html": "<b>" }), "html", "unknown").await;
    let longest = json!({ "body": "🔥".repeat(16_000), "client_id": "long" });
    ada.post(&path, &longest).expect(201).await;
}
