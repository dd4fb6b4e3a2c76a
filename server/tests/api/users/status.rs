use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn a_status_is_visible_to_others_until_cleared() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let until = "2099-01-01T00:00:00.000Z";
    let mut socket = mara.listen(None).await;
    let user = ada.put("/users/status", &json!({ "emoji": "☕", "text": "back soon" })).expect(200).await;
    let status = json!({ "emoji": "☕", "text": "back soon", "expires_at": null });
    assert_eq!(user["status"], status);
    assert_eq!(socket.next_of_type("user.updated").await["data"]["status"], status);
    assert_eq!(mara.get(&format!("/users/{}", ada.id)).expect(200).await["status"], status);
    ada.put("/users/status", &json!({ "text": "x", "expires_at": until }))
        .expect_field_error("expires_at", "invalid")
        .await;
    let temporary = ada.put("/users/status", &json!({ "text": "one moment", "expires_in": 60 })).expect(200).await;
    assert!(temporary["status"]["expires_at"].is_string());
    socket.next_of_type("user.updated").await;
    assert_eq!(ada.put("/users/status", &json!({})).expect(200).await["status"], json!(null));
    assert_eq!(socket.next_of_type("user.updated").await["data"]["status"], json!(null));
}

#[tokio::test]
async fn invalid_statuses_are_rejected() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    for (field, code, body) in [
        ("emoji", "invalid", json!({ "emoji": "<b>" })),
        ("text", "too_long", json!({ "text": "x".repeat(101) })),
        ("text", "invalid", json!({ "text": "a\nb" })),
        ("text", "invalid", json!({ "text": "\u{202E}drawkcab" })),
        ("expires_at", "invalid", json!({ "text": "x", "expires_at": "2020-01-01T00:00:00.000Z" })),
        ("expires_in", "invalid", json!({ "text": "x", "expires_in": 0 })),
        ("expires_in", "invalid", json!({ "text": "x", "expires_in": i64::MAX })),
        ("expires_in", "invalid", json!({ "text": "x", "expires_in": 60, "expires_at": "2099-01-01T00:00:00.000Z" })),
        ("expires_at", "wrong_type", json!({ "text": "x", "expires_at": "tomorrow" })),
    ] {
        ada.put("/users/status", &body).expect_field_error(field, code).await;
    }
}
