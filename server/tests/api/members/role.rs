use crate::harness::{Server, UNKNOWN_ID};
use serde_json::{Value, json};

#[tokio::test]
async fn owners_give_roles_and_the_last_one_stays() {
    let server = Server::start().await;
    let [_ada, mara, tomas, yuki] = server.create_users().await;
    let cellar = mara.create_private_room("Cellar").await;
    mara.add_member(&cellar, &tomas).await;
    let path = |user: &str| format!("/rooms/{cellar}/members/{user}");
    let member = mara.put(&path(&tomas.id), &json!({ "role": "moderator" })).expect(200).await;
    assert_eq!((&member["role"], &member["user"]["id"]), (&json!("moderator"), &json!(tomas.id)));
    let room = tomas.get(&format!("/rooms/{cellar}")).expect(200).await;
    assert_eq!(room["membership"]["role"], "moderator");
    let role = json!({ "role": "member" });
    mara.put(&path(&mara.id), &role).expect_error("last_owner").await;
    tomas.put(&path(&mara.id), &role).expect_error("forbidden").await;
    yuki.put(&path(&mara.id), &role).expect_error("not_found").await;
    for user in [&yuki.id, UNKNOWN_ID] {
        mara.put(&path(user), &role).expect_error("not_found").await;
    }
    mara.put(&path(&tomas.id), &json!({ "role": "king" })).expect_field_error("role", "invalid").await;
    mara.put(&path(&tomas.id), &json!({})).expect_field_error("role", "required").await;
}

#[tokio::test]
async fn a_room_is_handed_over() {
    let server = Server::start().await;
    let [_ada, mara, tomas, yuki] = server.create_users().await;
    let cellar = mara.create_private_room("Cellar").await;
    mara.add_member(&cellar, &tomas).await;
    let path = format!("/rooms/{cellar}/transfer");
    let to = |user: &str| json!({ "user_id": user });
    tomas.post(&path, &to(&tomas.id)).expect_error("forbidden").await;
    yuki.post(&path, &to(&tomas.id)).expect_error("not_found").await;
    mara.post(&path, &to(&yuki.id)).expect_error("not_found").await;
    mara.post(&path, &to(&mara.id)).expect_field_error("user_id", "invalid").await;
    assert_eq!(mara.post(&path, &to(&tomas.id)).expect(200).await["role"], "owner");
    let room = mara.get(&format!("/rooms/{cellar}")).expect(200).await;
    assert_eq!(room["membership"]["role"], "moderator");
    mara.request("POST", &format!("/rooms/{cellar}/leave")).expect(204).await;
}

#[tokio::test]
async fn a_removal_can_be_undone_by_who_removed() {
    let server = Server::start().await;
    let [_ada, mara, tomas, yuki] = server.create_users().await;
    let cellar = mara.create_private_room("Cellar").await;
    mara.add_member(&cellar, &tomas).await;
    // Only lines of room activity are added.
    let room = async || {
        let mut room = tomas.get(&format!("/rooms/{cellar}")).expect(200).await;
        room["head"] = Value::Null;
        room["membership"]["uncounted"] = Value::Null;
        room
    };
    let before = room().await;
    let path = format!("/rooms/{cellar}/members/{}", tomas.id);
    mara.delete(&path).expect(204).await;
    for user in [&tomas, &yuki] {
        user.request("POST", &format!("{path}/restore")).expect_error("not_found").await;
    }
    let member = mara.request("POST", &format!("{path}/restore")).expect(200).await;
    assert_eq!(member["user"]["id"], tomas.id);
    assert_eq!(room().await, before);
    tomas.request("POST", &format!("/rooms/{cellar}/leave")).expect(204).await;
    mara.request("POST", &format!("{path}/restore")).expect_error("not_found").await;
    tomas.request("POST", &format!("{path}/restore")).expect(200).await;
    assert_eq!(room().await, before);
}
