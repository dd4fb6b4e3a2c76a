use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn what_is_named_changes_and_members_hear_it() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let kitchen = ada.create_public_room("Kitchen").await;
    mara.join(&kitchen).await;
    let mut socket = mara.listen(None).await;
    let body = json!({ "name": "Canteen", "emoji": "🍲", "settings": { "member_limit": 20, "slow_mode_seconds": 5 } });
    let room = ada.put(&format!("/rooms/{kitchen}"), &body).expect(200).await;
    assert_eq!((&room["name"], &room["emoji"], &room["topic"]), (&json!("Canteen"), &json!("🍲"), &json!("")));
    let settings = json!({ "member_limit": 20, "slow_mode_seconds": 5, "uploads": true, "history_visible": true,
        "retention_days": null });
    assert_eq!(room["settings"], settings);
    assert_eq!(room["permissions"]["post"], "guest");
    let event = socket.next_of_type("room.updated").await;
    assert_eq!((&event["data"]["name"], &event["room_id"]), (&json!("Canteen"), &json!(kitchen)));
    assert!(event["data"]["membership"].is_null(), "{event}");
    let body = json!({ "settings": { "member_limit": null } });
    let room = ada.put(&format!("/rooms/{kitchen}"), &body).expect(200).await;
    assert_eq!((&room["settings"]["member_limit"], &room["settings"]["slow_mode_seconds"]), (&json!(null), &json!(5)));
    assert_eq!(ada.put(&format!("/rooms/{kitchen}"), &json!({})).expect(200).await, room);
}

#[tokio::test]
async fn only_those_who_may_edit_the_room_change_it() {
    let server = Server::start().await;
    let [ada, mara, tomas, yuki] = server.create_users().await;
    let cellar = ada.create_private_room("Cellar").await;
    for user in [&mara, &tomas] {
        ada.add_member(&cellar, user).await;
    }
    ada.put(&format!("/rooms/{cellar}/members/{}", mara.id), &json!({ "role": "moderator" })).expect(200).await;
    let path = format!("/rooms/{cellar}");
    let body = json!({ "topic": "Wine" });
    mara.put(&path, &body).expect(200).await;
    tomas.put(&path, &body).expect_error("forbidden").await;
    yuki.put(&path, &body).expect_error("not_found").await;
    mara.put(&path, &json!({ "visibility": "public" })).expect_error("forbidden").await;
    ada.put(&path, &json!({ "visibility": "public" })).expect(200).await;
    yuki.put(&path, &body).expect_error("not_a_member").await;
    let lobby = ada.lobby().await;
    ada.put(&format!("/rooms/{lobby}"), &json!({ "visibility": "private" }))
        .expect_error("lobby_membership_fixed")
        .await;
}

#[tokio::test]
async fn each_wrong_field_is_named_and_nothing_changes() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    ada.create_public_room("Cellar").await;
    let kitchen = ada.create_public_room("Kitchen").await;
    let path = format!("/rooms/{kitchen}");
    let before = ada.get(&path).expect(200).await;
    for (body, field, code) in [
        (json!({ "name": " " }), "name", "required"),
        (json!({ "name": null }), "name", "wrong_type"),
        (json!({ "topic": "a\nb", "emoji": "🔥" }), "topic", "invalid"),
        (json!({ "emoji": "fire" }), "emoji", "invalid"),
        (json!({ "description": "x".repeat(2001) }), "description", "too_long"),
        (json!({ "visibility": "secret" }), "visibility", "invalid"),
        (json!({ "kind": "announcement" }), "kind", "unknown"),
        (json!({ "settings": { "colour": 1 } }), "settings.colour", "unknown"),
        (json!({ "settings": { "member_limit": 1 } }), "settings.member_limit", "invalid"),
        (json!({ "settings": { "slow_mode_seconds": 21_601 } }), "settings.slow_mode_seconds", "invalid"),
        (json!({ "settings": { "retention_days": 0 } }), "settings.retention_days", "invalid"),
        (json!({ "settings": { "uploads": "no" } }), "settings.uploads", "wrong_type"),
    ] {
        ada.put(&path, &body).expect_field_error(field, code).await;
    }
    ada.put(&path, &json!({ "name": "cellar" })).expect_error("room_name_taken").await;
    assert_eq!(ada.get(&path).expect(200).await, before);
}

#[tokio::test]
async fn a_room_is_created_with_kind_emoji_and_settings() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let body = json!({ "name": "News", "kind": "announcement", "emoji": "📣", "settings": { "uploads": false } });
    let room = ada.post("/rooms", &body).expect(201).await;
    assert_eq!((&room["kind"], &room["emoji"]), (&json!("announcement"), &json!("📣")));
    assert_eq!((&room["settings"]["uploads"], &room["permissions"]["post"]), (&json!(false), &json!("moderator")));
    for (body, field, code) in [
        (json!({ "name": "a", "kind": "direct" }), "kind", "invalid"),
        (json!({ "name": "a", "emoji": "x" }), "emoji", "invalid"),
        (json!({ "name": "a", "settings": { "member_limit": 0 } }), "settings.member_limit", "invalid"),
        (json!({ "name": "a", "settings": null }), "settings", "wrong_type"),
    ] {
        ada.post("/rooms", &body).expect_field_error(field, code).await;
    }
}
