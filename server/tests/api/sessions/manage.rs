use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn a_session_can_be_renamed() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let named = ada.put("/sessions/current", &json!({ "label": "Desk" })).expect(200).await;
    assert_eq!((&named["label"], &named["current"]), (&json!("Desk"), &json!(true)));
    let path = format!("/sessions/{}", ada.session_id);
    assert_eq!(ada.put(&path, &json!({ "label": "Table" })).expect(200).await["label"], "Table");
    ada.put(&path, &json!({ "label": "x".repeat(65) })).expect_field_error("label", "too_long").await;
    ada.put(&path, &json!({})).expect_field_error("label", "required").await;
    mara.put(&path, &json!({ "label": "mine" })).expect_error("not_found").await;
}

#[tokio::test]
async fn an_ended_session_is_disconnected_within_a_second() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let phone = ada.login_again().await;
    let mut socket = phone.listen(None).await;
    let path = format!("/sessions/{}", phone.session_id);
    mara.delete(&path).expect_error("not_found").await;
    let started = std::time::Instant::now();
    ada.delete(&path).expect(204).await;
    assert_eq!(socket.wait_for_close().await.0, 4001);
    assert!(started.elapsed() < std::time::Duration::from_secs(1));
    phone.get("/sync").expect_error("not_signed_in").await;
    ada.delete(&path).expect_error("not_found").await;
}

#[tokio::test]
async fn all_other_sessions_can_be_ended() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let phone = ada.login_again().await;
    ada.request("POST", "/sessions/terminate-all").expect(204).await;
    phone.get("/sync").expect_error("not_signed_in").await;
    assert_eq!(ada.get("/sessions").expect(200).await["items"].as_array().unwrap().len(), 1);
    mara.get("/sync").expect(200).await;
}
