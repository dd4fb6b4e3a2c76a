//! What is unread: the list, marking messages unread, marking rooms read, and the undo of it.

use crate::harness::{Server, TestUser, UNKNOWN_ID};
use serde_json::{Value, json};

async fn send_messages(user: &TestUser, room: &str, count: usize) -> Vec<Value> {
    let mut ids = Vec::new();
    for n in 0..count {
        ids.push(user.send_message(room, &format!("message {n}")).await["id"].clone());
    }
    ids
}

async fn unread(user: &TestUser) -> Value {
    let unread = user.get("/unread").expect(200).await;
    assert_eq!(unread["threads"], json!([]));
    unread["rooms"].clone()
}

fn path(message: &Value) -> String {
    format!("/messages/{}/unread", message.as_str().unwrap())
}

#[tokio::test]
async fn unread_rooms_are_listed_until_they_are_read() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let (lobby, den) = (ada.lobby().await, ada.create_private_room("Den").await);
    ada.add_member(&den, &mara).await;
    assert_eq!(unread(&mara).await, json!([]));
    let messages = send_messages(&ada, &lobby, 2).await;
    send_messages(&ada, &den, 1).await;
    let room = |id: &str, count: i64| json!({ "room_id": id, "unread": count, "mentions": 0 });
    assert_eq!(unread(&mara).await, json!([room(&den, 1), room(&lobby, 2)]));
    assert_eq!(unread(&ada).await, json!([]), "one's own messages");
    ada.delete(&format!("/messages/{}", messages[0].as_str().unwrap())).expect(200).await;
    assert_eq!(unread(&mara).await, json!([room(&den, 1), room(&lobby, 1)]));
    mara.put(&format!("/rooms/{lobby}/read"), &json!({ "message_id": messages[1] })).expect(200).await;
    assert_eq!(unread(&mara).await, json!([room(&den, 1)]));
    mara.request("POST", &format!("/rooms/{den}/leave")).expect(204).await;
    assert_eq!(unread(&mara).await, json!([]));
}

#[tokio::test]
async fn a_message_is_marked_unread_with_all_after_it() {
    let server = Server::start().await;
    let [ada, mara, tomas, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let messages = send_messages(&ada, &lobby, 3).await;
    let first = ada.get(&format!("/messages/{}", messages[0].as_str().unwrap())).expect(200).await;
    let head = first["seq"].as_i64().unwrap();
    let marker = |read: i64, unread: i64| json!({ "room_id": lobby, "read_seq": head - 1 + read, "unread": unread, "uncounted": [] });
    mara.post("/unread/clear", &json!({ "room_id": lobby })).expect(200).await;
    let mut socket = mara.listen(None).await;
    assert_eq!(mara.request("POST", &path(&messages[1])).expect(200).await, marker(1, 2));
    assert_eq!(socket.next_of_type("read.updated").await["data"], marker(1, 2), "on the other device");
    assert_eq!(mara.request("POST", &path(&messages[2])).expect(200).await, marker(1, 2), "nothing is marked read");
    // One's own message can be marked, and a deleted one.
    assert_eq!(ada.request("POST", &path(&messages[0])).expect(200).await, marker(0, 3));
    ada.delete(&format!("/messages/{}", messages[2].as_str().unwrap())).expect(200).await;
    tomas.post("/unread/clear", &json!({})).expect(200).await;
    let deleted = json!({ "room_id": lobby, "read_seq": head + 1, "unread": 0, "uncounted": [head + 2] });
    assert_eq!(tomas.request("POST", &path(&messages[2])).expect(200).await, deleted);
}

#[tokio::test]
async fn a_message_that_the_user_cannot_see_is_not_found() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let den = ada.create_private_room("Den").await;
    let message = send_messages(&ada, &den, 1).await.remove(0);
    mara.request("POST", &path(&message)).expect_error("not_found").await;
    mara.request("POST", &path(&json!(UNKNOWN_ID))).expect_error("not_found").await;
    ada.add_member(&den, &mara).await;
    mara.request("POST", &path(&message)).expect(200).await;
    ada.delete(&format!("/rooms/{den}/members/{}", mara.id)).expect(204).await;
    mara.request("POST", &path(&message)).expect_error("not_found").await;
}

#[tokio::test]
async fn rooms_are_marked_read_and_that_is_undone() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let (lobby, den) = (ada.lobby().await, ada.create_private_room("Den").await);
    ada.add_member(&den, &mara).await;
    mara.post("/unread/clear", &json!({})).expect(200).await;
    let (first, second) = (send_messages(&ada, &lobby, 2).await, send_messages(&ada, &den, 3).await);
    let before = unread(&mara).await;
    let cleared = mara.post("/unread/clear", &json!({ "room_id": den })).expect(200).await;
    assert_eq!(cleared, json!({ "message_ids": [second[0]] }));
    let mut all = mara.post("/unread/clear", &json!({})).expect(200).await;
    assert_eq!((&all, unread(&mara).await), (&json!({ "message_ids": [first[0]] }), json!([])));
    all["message_ids"].as_array_mut().unwrap().push(second[0].clone());
    mara.post("/unread/restore", &all).expect(204).await;
    assert_eq!(unread(&mara).await, before);
}

#[tokio::test]
async fn marking_rooms_read_names_what_is_wrong() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let (kitchen, cellar) = (ada.create_public_room("Kitchen").await, ada.create_private_room("Cellar").await);
    let message = send_messages(&ada, &cellar, 1).await.remove(0);
    mara.post("/unread/clear", &json!({ "room_id": kitchen })).expect_error("not_a_member").await;
    mara.post("/unread/clear", &json!({ "room_id": cellar })).expect_error("not_found").await;
    mara.post("/unread/clear", &json!({ "room_id": "x" })).expect_field_error("room_id", "wrong_type").await;
    mara.post("/unread/restore", &json!({})).expect_field_error("message_ids", "required").await;
    let many: Vec<_> = (0..1_001).map(|_| UNKNOWN_ID).collect();
    mara.post("/unread/restore", &json!({ "message_ids": many })).expect_field_error("message_ids", "too_long").await;
    // What the user cannot see is skipped, so nothing is learned about it.
    let before = mara.get("/sync").expect(200).await;
    mara.post("/unread/restore", &json!({ "message_ids": [message, UNKNOWN_ID] })).expect(204).await;
    assert_eq!(mara.get("/sync").expect(200).await, before);
}
