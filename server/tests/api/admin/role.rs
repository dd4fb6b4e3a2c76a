use crate::harness::{Server, random_name};
use serde_json::json;

#[tokio::test]
async fn a_role_change_applies_at_once_on_open_sockets() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let lobby = ada.lobby().await;
    let mut socket = mara.listen(None).await;
    let path = format!("/admin/users/{}/role", mara.id);
    assert_eq!(ada.put(&path, &json!({ "role": "guest" })).expect(200).await["role"], "guest");
    mara.get("/rooms").expect(200).await;
    mara.post("/rooms", &json!({ "name": "Kitchen" })).expect_error("forbidden").await;
    // Mara received that she left the Lobby, and can no longer read or send there.
    assert_eq!(socket.next_of_type("member.left").await["data"]["member"]["user"]["id"], mara.id.as_str());
    let send = json!({ "type": "message.send", "room_id": lobby, "body": "hi", "client_id": random_name() });
    assert_eq!(socket.request(send).await["error"]["code"], "not_found");
    // As a moderator she can delete messages of others over the same socket.
    ada.put(&path, &json!({ "role": "moderator" })).expect(200).await;
    let message = ada.send_message(&lobby, "a slip").await;
    let delete = json!({ "type": "message.delete", "message_id": message["id"] });
    assert_eq!(socket.request(delete).await["type"], "ack");
}

#[tokio::test]
async fn only_administrators_set_roles_and_the_last_one_cannot_be_demoted() {
    let server = Server::start().await;
    let [ada, mara, tomas, _] = server.create_users().await;
    let path = |id: &str| format!("/admin/users/{id}/role");
    mara.put(&path(&mara.id), &json!({ "role": "admin" })).expect_error("forbidden").await;
    ada.put(&path(&ada.id), &json!({ "role": "member" })).expect_error("last_admin").await;
    ada.put(&path(&mara.id), &json!({ "role": "moderator" })).expect(200).await;
    mara.put(&path(&tomas.id), &json!({ "role": "guest" })).expect_error("forbidden").await;
    ada.put(&path(&mara.id), &json!({ "role": "king" })).expect_field_error("role", "invalid").await;
    ada.put(&path(&mara.id), &json!({ "role": "admin" })).expect(200).await;
    ada.put(&path(&ada.id), &json!({ "role": "member" })).expect(200).await;
    ada.get("/admin/users").expect_error("forbidden").await;
}
