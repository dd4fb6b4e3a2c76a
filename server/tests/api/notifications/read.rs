use crate::harness::{Server, TestUser, UNKNOWN_ID};
use serde_json::{Value, json};

async fn unread(user: &TestUser) -> Vec<Value> {
    let list = user.get("/notifications").expect(200).await;
    let items = list["items"].as_array().unwrap().iter();
    items.filter(|one| one["read_at"].is_null()).map(|one| one["id"].clone()).collect()
}

#[tokio::test]
async fn some_or_all_notifications_can_be_marked_read() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    ada.reuse_refresh_token().await;
    ada.reuse_refresh_token().await;
    let ids = unread(&ada).await;
    mara.put("/notifications/read", &json!({ "ids": ids })).expect(204).await;
    assert_eq!(unread(&ada).await, ids);
    ada.put("/notifications/read", &json!({ "ids": [ids[0], UNKNOWN_ID] })).expect(204).await;
    assert_eq!(unread(&ada).await, ids[1..]);
    ada.put("/notifications/read", &json!({})).expect(204).await;
    assert_eq!(unread(&ada).await, [] as [Value; 0]);
}

#[tokio::test]
async fn the_unread_count_is_published_only_to_the_users_own_devices() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let mut socket = ada.listen(None).await;
    ada.reuse_refresh_token().await;
    let unread_count =
        socket.next_of_type("notification.created").await["data"]["unread_notifications"].as_i64().unwrap();
    assert!(unread_count > 0);
    ada.put("/notifications/read", &json!({})).expect(204).await;
    let me = socket.next_of_type("user.updated").await["data"].clone();
    assert_eq!((&me["username"], &me["unread_notifications"]), (&json!("ada"), &json!(0)));
    let seen = mara.get("/users/username/ada").expect(200).await;
    assert!(seen.get("unread_notifications").is_none(), "{seen}");
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    ada.put("/notifications/read", &json!({ "ids": ["x"] })).expect_field_error("ids[0]", "wrong_type").await;
    ada.put("/notifications/read", &json!({ "ids": vec![UNKNOWN_ID; 201] }))
        .expect_field_error("ids", "too_long")
        .await;
}
