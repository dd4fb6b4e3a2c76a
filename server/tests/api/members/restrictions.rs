use crate::harness::{Server, UNKNOWN_ID, random_name};
use serde_json::json;

#[tokio::test]
async fn a_ban_keeps_a_user_out_until_it_is_lifted() {
    let server = Server::start().await;
    let [_ada, mara, tomas, yuki] = server.create_users().await;
    let kitchen = mara.create_public_room("Kitchen").await;
    tomas.join(&kitchen).await;
    let path = format!("/rooms/{kitchen}/bans/{}", tomas.id);
    let body = json!({ "reason": "Burnt the soup", "until": "2999-01-01T00:00:00.000Z" });
    tomas.put(&path, &body).expect_error("forbidden").await;
    yuki.put(&path, &body).expect_error("not_a_member").await;
    mara.put(&format!("/rooms/{kitchen}/bans/{UNKNOWN_ID}"), &body).expect_error("not_found").await;
    let ban = mara.put(&path, &body).expect(200).await;
    assert_eq!((&ban["reason"], &ban["until"]), (&body["reason"], &body["until"]));
    assert_eq!((&ban["user"]["id"], &ban["created_by"]["id"]), (&json!(tomas.id), &json!(mara.id)));
    assert_eq!(mara.get(&format!("/rooms/{kitchen}/bans")).expect(200).await["items"], json!([ban]));
    tomas.get(&format!("/rooms/{kitchen}/bans")).expect_error("not_a_member").await;
    tomas.request("POST", &format!("/rooms/{kitchen}/join")).expect_error("banned").await;
    let add = json!({ "user_ids": [tomas.id] });
    let added = mara.post(&format!("/rooms/{kitchen}/members"), &add).expect(200).await;
    assert_eq!(added["refused"], json!([{ "user_id": tomas.id, "code": "banned" }]));
    let invite = json!({ "user_id": tomas.id });
    mara.post(&format!("/rooms/{kitchen}/invitations"), &invite).expect_error("banned").await;
    mara.request("DELETE", &path).expect(204).await;
    mara.request("DELETE", &path).expect_error("not_found").await;
    tomas.join(&kitchen).await;
}

#[tokio::test]
async fn a_muted_member_cannot_write_and_sees_until_when() {
    let server = Server::start().await;
    let [_ada, mara, tomas, yuki] = server.create_users().await;
    let cellar = mara.create_private_room("Cellar").await;
    mara.add_member(&cellar, &tomas).await;
    let message = tomas.send_message(&cellar, "before").await;
    let path = format!("/rooms/{cellar}/mutes/{}", tomas.id);
    let body = json!({ "until": "2999-01-01T00:00:00.000Z" });
    tomas.put(&path, &body).expect_error("forbidden").await;
    yuki.put(&path, &body).expect_error("not_found").await;
    mara.put(&format!("/rooms/{cellar}/mutes/{}", yuki.id), &body).expect_error("not_found").await;
    let mut socket = tomas.listen(None).await;
    let mute = mara.put(&path, &body).expect(200).await;
    assert_eq!(socket.next_of_type("room.updated").await["data"]["membership"]["mute"]["until"], body["until"]);
    assert_eq!(mara.get(&format!("/rooms/{cellar}/mutes")).expect(200).await["items"], json!([mute]));
    let send = json!({ "body": "hi", "client_id": random_name() });
    tomas.post(&format!("/rooms/{cellar}/messages"), &send).expect_error("muted").await;
    let edit = format!("/messages/{}", message["id"].as_str().unwrap());
    tomas.put(&edit, &json!({ "body": "after" })).expect_error("muted").await;
    let room = tomas.get(&format!("/rooms/{cellar}")).expect(200).await;
    assert_eq!(room["membership"]["mute"], json!({ "until": body["until"], "reason": "" }));
    mara.request("DELETE", &path).expect(204).await;
    tomas.post(&format!("/rooms/{cellar}/messages"), &send).expect(201).await;
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let [_ada, mara, tomas, _] = server.create_users().await;
    let kitchen = mara.create_public_room("Kitchen").await;
    tomas.join(&kitchen).await;
    for kind in ["bans", "mutes"] {
        let path = format!("/rooms/{kitchen}/{kind}/{}", tomas.id);
        for (body, field, code) in [
            (json!({ "until": "2001-01-01T00:00:00.000Z" }), "until", "invalid"),
            (json!({ "until": "tomorrow" }), "until", "wrong_type"),
            (json!({ "reason": "x".repeat(501) }), "reason", "too_long"),
            (json!({ "reason": 7 }), "reason", "wrong_type"),
        ] {
            mara.put(&path, &body).expect_field_error(field, code).await;
        }
    }
}

#[tokio::test]
async fn slow_mode_says_how_long_to_wait() {
    let server = Server::start().await;
    let [_ada, mara, tomas, _] = server.create_users().await;
    let kitchen = mara.create_public_room("Kitchen").await;
    tomas.join(&kitchen).await;
    let slow = json!({ "settings": { "slow_mode_seconds": 600 } });
    mara.put(&format!("/rooms/{kitchen}"), &slow).expect(200).await;
    tomas.send_message(&kitchen, "one").await;
    let message = json!({ "body": "two", "client_id": random_name() });
    let response = tomas.post(&format!("/rooms/{kitchen}/messages"), &message).send().await;
    assert_eq!((response.status.as_u16(), &response.json()["code"]), (429, &json!("slow_mode")));
    let seconds: u32 = response.header("retry-after").parse().unwrap();
    assert!((590..=600).contains(&seconds), "{seconds}");
}
