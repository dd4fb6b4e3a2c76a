use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn a_deleted_message_keeps_its_sequence_number_and_loses_its_body() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let message = mara.send_message(&lobby, "never mind").await;
    let path = format!("/messages/{}", message["id"].as_str().unwrap());
    let deleted = mara.delete(&path).expect(200).await;
    assert_eq!(
        (&deleted["deleted"], &deleted["body"], &deleted["html"], &deleted["seq"]),
        (&json!(true), &json!(""), &json!(""), &message["seq"])
    );
    assert_eq!(mara.delete(&path).expect(200).await, deleted);
    assert_eq!(ada.get(&path).expect(200).await, deleted);
}

#[tokio::test]
async fn messages_are_deleted_by_the_author_or_a_moderator() {
    let server = Server::start().await;
    let [_, mara, tomas, yuki] = server.create_users().await;
    let kitchen = mara.create_public_room("Kitchen").await;
    tomas.join(&kitchen).await;
    let message = tomas.send_message(&kitchen, "hello").await;
    let path = format!("/messages/{}", message["id"].as_str().unwrap());
    yuki.delete(&path).expect_error("not_found").await;
    yuki.join(&kitchen).await;
    yuki.delete(&path).expect_error("forbidden").await;
    mara.delete(&path).expect(200).await;
}
