use crate::harness::{Server, Socket, UNKNOWN_ID};
use serde_json::json;

#[tokio::test]
async fn a_direct_room_is_found_or_created() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let room = ada.post("/rooms/direct", &json!({ "user_ids": [mara.id] })).expect(201).await;
    assert_eq!((&room["kind"], &room["visibility"], &room["name"]), (&json!("direct"), &json!("private"), &json!("")));
    let mut members: Vec<_> = room["members"].as_array().unwrap().iter().map(|member| &member["username"]).collect();
    members.sort_by_key(ToString::to_string);
    assert_eq!(members, ["ada", "mara"]);
    let again = mara.post("/rooms/direct", &json!({ "user_ids": [ada.id] })).expect(200).await;
    assert_eq!(again["id"], room["id"]);
}

#[tokio::test]
async fn three_users_have_a_group_room() {
    let server = Server::start().await;
    let [ada, mara, tomas, ..] = server.create_users().await;
    let room = ada.post("/rooms/direct", &json!({ "user_ids": [mara.id, tomas.id] })).expect(201).await;
    assert_eq!((&room["kind"], &room["member_count"]), (&json!("group"), &json!(3)));
}

#[tokio::test]
async fn its_members_never_change_and_nobody_else_finds_it() {
    let server = Server::start().await;
    let [ada, mara, tomas, ..] = server.create_users().await;
    let room = mara.post("/rooms/direct", &json!({ "user_ids": [tomas.id] })).expect(201).await;
    let path = format!("/rooms/{}", room["id"].as_str().unwrap());
    let members = format!("{path}/members");
    mara.post(&members, &json!({ "user_ids": [ada.id] })).expect_error("direct_members_fixed").await;
    mara.delete(&format!("{members}/{}", tomas.id)).expect_error("direct_members_fixed").await;
    let invite = json!({ "user_id": ada.id });
    mara.post(&format!("{path}/invitations"), &invite).expect_error("direct_members_fixed").await;
    // Ada is an administrator.
    ada.get(&path).expect_error("not_found").await;
    ada.request("POST", &format!("{path}/join")).expect_error("not_found").await;
    ada.request("PUT", &format!("{path}/favorite")).expect_error("not_found").await;
}

#[tokio::test]
async fn it_is_hidden_until_a_message() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let mut socket = Socket::open(&mara, None).await;
    let room = ada.post("/rooms/direct", &json!({ "user_ids": [mara.id] })).expect(201).await;
    let id = room["id"].as_str().unwrap();
    let joined = socket.next_of_type("member.joined").await;
    assert_eq!((&joined["room_id"], joined["data"]["room"]["members"].as_array().unwrap().len()), (&json!(id), 2));
    let hidden = async || mara.get(&format!("/rooms/{id}")).expect(200).await["membership"]["hidden"] == true;
    assert!(hidden().await);
    ada.send_message(id, "hello").await;
    socket.next_of_type("message.created").await;
    assert!(!hidden().await);
    mara.request("POST", &format!("/rooms/{id}/leave")).expect(204).await;
    let left = socket.next_of_type("room.updated").await;
    assert_eq!((&left["data"]["id"], &left["data"]["membership"]["hidden"]), (&json!(id), &json!(true)));
    assert!(hidden().await);
    ada.send_message(id, "are you there?").await;
    assert!(!hidden().await);
}

#[tokio::test]
async fn a_blocked_user_cannot_write_and_does_not_learn_why() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let room = ada.post("/rooms/direct", &json!({ "user_ids": [mara.id] })).expect(201).await;
    mara.request("PUT", &format!("/users/{}/block", ada.id)).expect(204).await;
    let path = format!("/rooms/{}/messages", room["id"].as_str().unwrap());
    let error = ada.post(&path, &json!({ "body": "hello", "client_id": "a" })).expect_error("forbidden").await;
    assert!(!error["detail"].as_str().unwrap().contains("block"), "{error}");
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let wrong = async |body, code| ada.post("/rooms/direct", &body).expect_field_error("user_ids", code).await;
    wrong(json!({}), "required").await;
    wrong(json!({ "user_ids": [] }), "required").await;
    wrong(json!({ "user_ids": null }), "wrong_type").await;
    wrong(json!({ "user_ids": [mara.id, UNKNOWN_ID] }), "not_found").await;
    let many: Vec<_> = (0..20).map(|n| format!("01890000-0000-7000-8000-0000000000{n:02}")).collect();
    wrong(json!({ "user_ids": many }), "too_long").await;
    assert_eq!(ada.get("/rooms?filter=mine").expect(200).await["items"].as_array().unwrap().len(), 1);
}
