use crate::harness::{NOBODY, Server};
use serde_json::json;

#[tokio::test]
async fn any_member_brings_people_into_a_public_room() {
    let server = Server::start().await;
    let [ada, mara, tomas, _] = server.people().await;
    let kitchen = ada.room("Kitchen").await;
    let path = format!("/rooms/{kitchen}/members");
    mara.post(&path, &json!({ "user_id": tomas.id })).refused("not_a_member").await;
    mara.join(&kitchen).await;
    let member = mara.post(&path, &json!({ "user_id": tomas.id })).expect(201).await;
    assert_eq!((&member["user"]["id"], &member["role"]), (&json!(tomas.id), &json!("member")));
    assert_eq!(mara.post(&path, &json!({ "user_id": tomas.id })).expect(200).await, member);
}

#[tokio::test]
async fn only_its_owner_brings_people_into_a_private_room() {
    let server = Server::start().await;
    let [ada, mara, tomas, yuki] = server.people().await;
    let cellar = ada.private_room("Cellar").await;
    let path = format!("/rooms/{cellar}/members");
    yuki.post(&path, &json!({ "user_id": tomas.id })).refused("not_found").await;
    ada.post(&path, &json!({ "user_id": mara.id })).expect(201).await;
    mara.post(&path, &json!({ "user_id": tomas.id })).refused("forbidden").await;
}

#[tokio::test]
async fn someone_must_be_somebody() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let path = format!("/rooms/{}/members", ada.room("Kitchen").await);
    ada.post(&path, &json!({ "user_id": NOBODY })).refused("not_found").await;
    ada.post(&path, &json!({ "user_id": "ada" })).wrong("user_id", "wrong_type").await;
    ada.post(&path, &json!({})).wrong("user_id", "required").await;
}
