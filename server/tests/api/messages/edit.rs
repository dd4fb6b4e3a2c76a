use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn the_author_can_edit_a_message() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let message = ada.send_message(&lobby, "helo").await;
    let path = format!("/messages/{}", message["id"].as_str().unwrap());
    mara.put(&path, &json!({ "body": "mine now" })).expect_error("forbidden").await;
    let edited = ada.put(&path, &json!({ "body": "*hello*" })).expect(200).await;
    assert_eq!((&edited["body"], &edited["seq"]), (&json!("*hello*"), &message["seq"]));
    assert!(edited["edited_at"].is_string() && edited["html"].as_str().unwrap().contains("<em>"));
    assert!(edited["version"].as_i64() > message["version"].as_i64());
    assert_eq!(mara.get(&path).expect(200).await, edited);
}

#[tokio::test]
async fn edits_by_non_members_empty_edits_and_edits_of_deleted_messages_are_rejected() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    let message = ada.send_message(&kitchen, "hello").await;
    let path = format!("/messages/{}", message["id"].as_str().unwrap());
    mara.put(&path, &json!({ "body": "x" })).expect_error("not_found").await;
    ada.put(&path, &json!({ "body": " " })).expect_field_error("body", "required").await;
    ada.put(&path, &json!({ "body": "x".repeat(16_001) })).expect_field_error("body", "too_long").await;
    ada.delete(&path).expect(200).await;
    ada.put(&path, &json!({ "body": "back" })).expect_error("message_deleted").await;
}

#[tokio::test]
async fn room_activity_can_be_neither_edited_nor_deleted() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let den = ada.create_private_room("Den").await;
    ada.add_member(&den, &mara).await;
    let history = mara.get(&format!("/rooms/{den}/messages")).expect(200).await;
    let line = &history["items"][0];
    assert_eq!((&line["kind"], &line["author"]["id"]), (&json!("added"), &json!(ada.id)));
    assert_eq!((&line["subject"]["id"], &line["body"]), (&json!(mara.id), &json!("")));
    let path = format!("/messages/{}", line["id"].as_str().unwrap());
    ada.put(&path, &json!({ "body": "hello" })).expect_error("room_activity").await;
    ada.delete(&path).expect_error("room_activity").await;
    assert_eq!(ada.get(&path).expect(200).await, *line);
}
