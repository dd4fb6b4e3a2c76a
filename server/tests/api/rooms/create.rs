use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn the_creator_owns_the_room() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let body = json!({ "name": " Kitchen ", "topic": "Cake", "description": "All of it", "visibility": "private" });
    let room = ada.post("/rooms", &body).expect(201).await;
    assert_eq!(room["name"], "Kitchen");
    assert_eq!((&room["topic"], &room["description"]), (&json!("Cake"), &json!("All of it")));
    assert_eq!((&room["kind"], &room["visibility"]), (&json!("channel"), &json!("private")));
    assert_eq!((&room["head"], &room["member_count"]), (&json!(0), &json!(1)));
    assert_eq!(room["membership"]["role"], "owner");
    assert_eq!(ada.get(&format!("/rooms/{}", room["id"].as_str().unwrap())).expect(200).await, room);
}

#[tokio::test]
async fn a_repeat_with_the_same_key_creates_no_second_room() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let body = json!({ "name": "Kitchen" });
    let first = ada.post("/rooms", &body).header("idempotency-key", "one").expect(201).await;
    let again = ada.post("/rooms", &body).header("idempotency-key", "one").expect(200).await;
    assert_eq!(first, again);
    let other = json!({ "name": "Kitchen", "visibility": "private" });
    ada.post("/rooms", &other).header("idempotency-key", "one").expect_error("idempotency_key_reused").await;
    // Keys are per user: another user can use the same one.
    let body = json!({ "name": "Cellar" });
    mara.post("/rooms", &body).header("idempotency-key", "one").expect(201).await;
}

#[tokio::test]
async fn public_room_names_are_unique_and_private_ones_are_not() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    ada.create_public_room("Kitchen").await;
    mara.post("/rooms", &json!({ "name": "kitchen" })).expect_error("room_name_taken").await;
    mara.create_private_room("Kitchen").await;
    ada.create_private_room("Kitchen").await;
    // The second letter is Cyrillic.
    mara.post("/rooms", &json!({ "name": "Kіtchen" })).expect_error("room_name_taken").await;
}

#[tokio::test]
async fn a_description_has_lines_but_nothing_hidden() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    for hidden in ["a\0b", "a\u{7}b", "a\u{202e}b", "a\u{2066}b", "a\u{feff}b"] {
        let body = json!({ "name": "den", "description": hidden });
        ada.post("/rooms", &body).expect_field_error("description", "invalid").await;
    }
    let body = json!({ "name": "den", "description": " one\r\n\ttwo علی\u{200c}رضا " });
    assert_eq!(ada.post("/rooms", &body).expect(201).await["description"], "one\n\ttwo علی\u{200c}رضا");
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let wrong = async |body, field, code| ada.post("/rooms", &body).expect_field_error(field, code).await;
    wrong(json!({}), "name", "required").await;
    wrong(json!({ "name": " " }), "name", "required").await;
    wrong(json!({ "name": "x".repeat(81) }), "name", "too_long").await;
    wrong(json!({ "name": "a\nb" }), "name", "invalid").await;
    wrong(json!({ "name": "\u{301}".repeat(80) }), "name", "invalid").await;
    wrong(json!({ "name": "\u{fe0f}" }), "name", "required").await;
    wrong(json!({ "name": "a", "topic": "x".repeat(251) }), "topic", "too_long").await;
    wrong(json!({ "name": "a", "description": "x".repeat(2001) }), "description", "too_long").await;
    wrong(json!({ "name": "a", "visibility": "secret" }), "visibility", "invalid").await;
    wrong(json!({ "name": "a", "visibility": null }), "visibility", "wrong_type").await;
    let request = ada.post("/rooms", &json!({ "name": "a" }));
    request.header("idempotency-key", "two words").expect_field_error("Idempotency-Key", "invalid").await;
    let request = ada.post("/rooms", &json!({ "name": "a" }));
    request.header("idempotency-key", "").expect_field_error("Idempotency-Key", "required").await;
}
