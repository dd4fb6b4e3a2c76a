use crate::harness::{NOBODY, Server};
use serde_json::json;

#[tokio::test]
async fn someone_is_invited_once_and_hears_of_it_alone() {
    let server = Server::start().await;
    let [ada, mara, yuki, _] = server.people().await;
    let cellar = ada.private_room("Cellar").await;
    let path = format!("/rooms/{cellar}/invitations");
    let (mut hers, mut others) = (mara.listen(None).await, yuki.listen(None).await);
    let made = ada.post(&path, &json!({ "user_id": mara.id, "expires_in": 3600 })).expect(201).await;
    assert_eq!((&made["room_id"], &made["room_name"]), (&json!(cellar), &json!("Cellar")));
    assert_eq!((&made["visibility"], &made["status"]), (&json!("private"), &json!("pending")));
    assert_eq!((&made["user"]["id"], &made["invited_by"]["id"]), (&json!(mara.id), &json!(ada.id)));
    assert_eq!(ada.post(&path, &json!({ "user_id": mara.id })).expect(200).await, made);
    let event = hers.next_of("invitation.created").await;
    assert_eq!((&event["data"], &event["room_id"]), (&made, &json!(cellar)));
    assert_eq!(hers.next_of("notification.created").await["data"]["kind"], "room_invitation");
    // The Lobby is heard after it: by then anything told to others would have come.
    ada.say(&ada.lobby().await, "hello").await;
    let mut heard = String::new();
    while heard != "message.created" {
        heard = others.next().await["type"].as_str().unwrap().to_owned();
        assert!(!heard.starts_with("invitation.") && !heard.starts_with("notification."), "{heard}");
    }
}

#[tokio::test]
async fn only_those_who_may_add_people_invite_them() {
    let server = Server::start().await;
    let [ada, mara, yuki, _] = server.people().await;
    let (kitchen, cellar) = (ada.room("Kitchen").await, ada.private_room("Cellar").await);
    let body = json!({ "user_id": yuki.id });
    mara.post(&format!("/rooms/{kitchen}/invitations"), &body).refused("not_a_member").await;
    mara.post(&format!("/rooms/{cellar}/invitations"), &body).refused("not_found").await;
    ada.bring_in(&cellar, &mara).await;
    mara.post(&format!("/rooms/{cellar}/invitations"), &body).refused("forbidden").await;
    let path = format!("/rooms/{cellar}/invitations");
    ada.post(&path, &json!({ "user_id": mara.id })).refused("already_member").await;
    mara.ask("PUT", &format!("/users/{}/block", ada.id)).expect(204).await;
    mara.ask("POST", &format!("/rooms/{cellar}/leave")).expect(204).await;
    ada.post(&path, &json!({ "user_id": mara.id })).refused("forbidden").await;
    ada.put(&format!("/admin/users/{}/role", yuki.id), &json!({ "role": "guest" })).expect(200).await;
    ada.post(&format!("/rooms/{}/invitations", ada.lobby().await), &body).refused("lobby_is_for_everyone").await;
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let path = format!("/rooms/{}/invitations", ada.room("Kitchen").await);
    ada.post(&path, &json!({ "user_id": NOBODY })).refused("not_found").await;
    ada.post(&path, &json!({ "user_id": "ada" })).wrong("user_id", "wrong_type").await;
    ada.post(&path, &json!({})).wrong("user_id", "required").await;
    for bad in [json!(59), json!(-1), json!(2_592_001)] {
        ada.post(&path, &json!({ "user_id": NOBODY, "expires_in": bad })).wrong("expires_in", "invalid").await;
    }
    ada.post(&path, &json!({ "user_id": NOBODY, "expires_in": "1h" })).wrong("expires_in", "wrong_type").await;
}

#[tokio::test]
async fn it_is_withdrawn_by_who_made_it() {
    let server = Server::start().await;
    let [ada, mara, yuki, _] = server.people().await;
    let kitchen = ada.room("Kitchen").await;
    yuki.join(&kitchen).await;
    let path = format!("/rooms/{kitchen}/invitations");
    let made = ada.post(&path, &json!({ "user_id": mara.id })).expect(201).await;
    let one = format!("{path}/{}", made["id"].as_str().unwrap());
    mara.delete(&one).refused("not_a_member").await;
    yuki.delete(&one).refused("forbidden").await;
    let cursor = mara.cursor().await;
    ada.delete(&one).expect(204).await;
    ada.delete(&one).refused("not_found").await;
    assert_eq!(mara.listen(Some(&cursor)).await.next_of("invitation.updated").await["data"]["status"], "revoked");
    mara.ask("POST", &format!("/invitations/{}/accept", made["id"].as_str().unwrap())).refused("not_found").await;
}
