use crate::harness::{PASSWORD, Server};
use serde_json::json;

#[tokio::test]
async fn a_deactivated_account_cannot_log_in_until_reactivated() {
    let server = Server::start().await;
    let [ada, mara, tomas, _] = server.create_users().await;
    let mut socket = mara.listen(None).await;
    let path = format!("/admin/users/{}/status", mara.id);
    let account = ada.put(&path, &json!({ "status": "deactivated" })).expect(200).await;
    assert_eq!(account["status"], "deactivated");
    mara.get("/rooms").expect_error("not_signed_in").await;
    assert_eq!(socket.wait_for_close().await.0, 4001);
    let login = json!({ "login": "mara", "password": PASSWORD });
    assert!(server.post("/auth/login").json(&login).send().await.status.is_client_error());
    ada.put(&path, &json!({ "status": "active" })).expect(200).await;
    server.post("/auth/login").json(&login).expect(200).await;
    tomas.put(&path, &json!({ "status": "deactivated" })).expect_error("forbidden").await;
    ada.put(&path, &json!({ "status": "asleep" })).expect_field_error("status", "invalid").await;
    ada.put(&path.replace(&mara.id, &ada.id), &json!({ "status": "deactivated" })).expect_error("last_admin").await;
}
