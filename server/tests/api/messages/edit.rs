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
    assert_eq!((&edited["body"], &edited["seq"]), (&json!("*hello*"), &json!(1)));
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
