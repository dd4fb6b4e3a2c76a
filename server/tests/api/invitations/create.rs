use crate::harness::{Server, UNKNOWN_ID};
use serde_json::json;

#[tokio::test]
async fn a_user_is_invited_once_and_only_they_are_notified() {
    let server = Server::start().await;
    let [ada, mara, yuki, _] = server.create_users().await;
    let cellar = ada.create_private_room("Cellar").await;
    let path = format!("/rooms/{cellar}/invitations");
    let (mut mara_socket, mut yuki_socket) = (mara.listen(None).await, yuki.listen(None).await);
    let created = ada.post(&path, &json!({ "user_id": mara.id, "expires_in": 3600 })).expect(201).await;
    assert_eq!((&created["room_id"], &created["room_name"]), (&json!(cellar), &json!("Cellar")));
    assert_eq!((&created["visibility"], &created["status"]), (&json!("private"), &json!("pending")));
    assert_eq!((&created["user"]["id"], &created["invited_by"]["id"]), (&json!(mara.id), &json!(ada.id)));
    assert_eq!(ada.post(&path, &json!({ "user_id": mara.id })).expect(200).await, created);
    let event = mara_socket.next_of_type("invitation.created").await;
    assert_eq!((&event["data"], &event["room_id"]), (&created, &json!(cellar)));
    assert_eq!(mara_socket.next_of_type("notification.created").await["data"]["kind"], "room_invitation");
    // The message in the Lobby comes later: by then any event for Yuki would have arrived.
    ada.send_message(&ada.lobby().await, "hello").await;
    let mut event_type = String::new();
    while event_type != "message.created" {
        event_type = yuki_socket.next().await["type"].as_str().unwrap().to_owned();
        assert!(!event_type.starts_with("invitation.") && !event_type.starts_with("notification."), "{event_type}");
    }
}

#[tokio::test]
async fn only_users_who_may_add_members_can_invite() {
    let server = Server::start().await;
    let [ada, mara, yuki, _] = server.create_users().await;
    let (kitchen, cellar) = (ada.create_public_room("Kitchen").await, ada.create_private_room("Cellar").await);
    let body = json!({ "user_id": yuki.id });
    mara.post(&format!("/rooms/{kitchen}/invitations"), &body).expect_error("not_a_member").await;
    mara.post(&format!("/rooms/{cellar}/invitations"), &body).expect_error("not_found").await;
    ada.add_member(&cellar, &mara).await;
    mara.post(&format!("/rooms/{cellar}/invitations"), &body).expect_error("forbidden").await;
    let path = format!("/rooms/{cellar}/invitations");
    ada.post(&path, &json!({ "user_id": mara.id })).expect_error("already_member").await;
    mara.request("PUT", &format!("/users/{}/block", ada.id)).expect(204).await;
    mara.request("POST", &format!("/rooms/{cellar}/leave")).expect(204).await;
    ada.post(&path, &json!({ "user_id": mara.id })).expect_error("forbidden").await;
    ada.put(&format!("/admin/users/{}/role", yuki.id), &json!({ "role": "guest" })).expect(200).await;
    ada.post(&format!("/rooms/{}/invitations", ada.lobby().await), &body).expect_error("lobby_membership_fixed").await;
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let path = format!("/rooms/{}/invitations", ada.create_public_room("Kitchen").await);
    ada.post(&path, &json!({ "user_id": UNKNOWN_ID })).expect_error("not_found").await;
    ada.post(&path, &json!({ "user_id": "ada" })).expect_field_error("user_id", "wrong_type").await;
    ada.post(&path, &json!({})).expect_field_error("user_id", "required").await;
    for bad in [json!(59), json!(-1), json!(2_592_001)] {
        ada.post(&path, &json!({ "user_id": UNKNOWN_ID, "expires_in": bad }))
            .expect_field_error("expires_in", "invalid")
            .await;
    }
    ada.post(&path, &json!({ "user_id": UNKNOWN_ID, "expires_in": "1h" }))
        .expect_field_error("expires_in", "wrong_type")
        .await;
}

#[tokio::test]
async fn an_invitation_can_be_revoked_by_its_creator() {
    let server = Server::start().await;
    let [ada, mara, yuki, _] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    yuki.join(&kitchen).await;
    let path = format!("/rooms/{kitchen}/invitations");
    let created = ada.post(&path, &json!({ "user_id": mara.id })).expect(201).await;
    let one = format!("{path}/{}", created["id"].as_str().unwrap());
    mara.delete(&one).expect_error("not_a_member").await;
    yuki.delete(&one).expect_error("forbidden").await;
    let cursor = mara.cursor().await;
    ada.delete(&one).expect(204).await;
    ada.delete(&one).expect_error("not_found").await;
    assert_eq!(mara.listen(Some(&cursor)).await.next_of_type("invitation.updated").await["data"]["status"], "revoked");
    mara.request("POST", &format!("/invitations/{}/accept", created["id"].as_str().unwrap()))
        .expect_error("not_found")
        .await;
}
