use crate::harness::{Server, TestUser, UNKNOWN_ID};
use serde_json::{Value, json};

fn member_ids(users: &[&TestUser]) -> Value {
    json!({ "user_ids": users.iter().map(|user| &user.id).collect::<Vec<_>>() })
}

#[tokio::test]
async fn any_member_can_add_users_to_a_public_room() {
    let server = Server::start().await;
    let [ada, mara, tomas, yuki] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    let path = format!("/rooms/{kitchen}/members");
    mara.post(&path, &member_ids(&[&tomas])).expect_error("not_a_member").await;
    mara.join(&kitchen).await;
    let outcome = mara.post(&path, &member_ids(&[&tomas, &yuki, &ada])).expect(200).await;
    let added = outcome["added"].as_array().unwrap();
    assert_eq!((added.len(), &outcome["invited"], &outcome["refused"]), (3, &json!([]), &json!([])));
    let member = added.iter().find(|member| member["user"]["id"] == tomas.id).unwrap();
    assert_eq!((&member["room_id"], &member["role"]), (&json!(kitchen), &json!("member")));
    assert_eq!(mara.post(&path, &member_ids(&[&tomas])).expect(200).await["added"], json!([member]));
}

#[tokio::test]
async fn only_the_owner_can_add_users_to_a_private_room() {
    let server = Server::start().await;
    let [ada, mara, tomas, yuki] = server.create_users().await;
    let cellar = ada.create_private_room("Cellar").await;
    let path = format!("/rooms/{cellar}/members");
    yuki.post(&path, &member_ids(&[&tomas])).expect_error("not_found").await;
    ada.post(&path, &member_ids(&[&mara])).expect(200).await;
    mara.post(&path, &member_ids(&[&tomas])).expect_error("forbidden").await;
}

#[tokio::test]
async fn users_who_left_are_invited_and_removed_ones_are_added() {
    let server = Server::start().await;
    let [ada, mara, tomas, _] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    for user in [&mara, &tomas] {
        ada.add_member(&kitchen, user).await;
    }
    mara.request("POST", &format!("/rooms/{kitchen}/leave")).expect(204).await;
    ada.delete(&format!("/rooms/{kitchen}/members/{}", tomas.id)).expect(204).await;
    let outcome = ada.post(&format!("/rooms/{kitchen}/members"), &member_ids(&[&mara, &tomas])).expect(200).await;
    assert_eq!(outcome["added"][0]["user"]["id"], tomas.id);
    assert_eq!((&outcome["invited"], &outcome["refused"]), (&json!([mara.id]), &json!([])));
    assert_eq!(mara.get("/rooms?filter=mine").expect(200).await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_user_who_blocks_the_caller_is_not_added_and_no_reason_is_given() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    mara.request("PUT", &format!("/users/{}/block", ada.id)).expect(204).await;
    let outcome = ada.post(&format!("/rooms/{kitchen}/members"), &member_ids(&[&mara])).expect(200).await;
    let refused = json!([{ "user_id": mara.id, "code": "forbidden" }]);
    assert_eq!((&outcome["added"], &outcome["refused"]), (&json!([]), &refused));
}

#[tokio::test]
async fn unknown_or_missing_users_are_rejected() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let path = format!("/rooms/{}/members", ada.create_public_room("Kitchen").await);
    let outcome = ada.post(&path, &json!({ "user_ids": [UNKNOWN_ID] })).expect(200).await;
    assert_eq!(outcome["refused"], json!([{ "user_id": UNKNOWN_ID, "code": "not_found" }]));
    ada.post(&path, &json!({ "user_ids": ["ada"] })).expect_error("invalid").await;
    ada.post(&path, &json!({ "user_ids": [] })).expect_field_error("user_ids", "required").await;
    ada.post(&path, &json!({ "user_ids": vec![UNKNOWN_ID; 101] })).expect(200).await;
    let many: Vec<_> = (0..101).map(|n| format!("01890000-0000-7000-8000-{n:012}")).collect();
    ada.post(&path, &json!({ "user_ids": many })).expect_field_error("user_ids", "too_long").await;
    ada.post(&path, &json!({})).expect_field_error("user_ids", "required").await;
    ada.post(&path, &json!({ "user_id": UNKNOWN_ID })).expect_field_error("user_id", "unknown").await;
}
