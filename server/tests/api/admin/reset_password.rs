use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn only_administrators_can_create_reset_links() {
    let server = Server::start().await;
    let [ada, mara, tomas, ..] = server.create_users().await;
    let path = |id: &str| format!("/admin/users/{id}/reset-password");
    tomas.request("POST", &path(&mara.id)).expect_error("forbidden").await;
    tomas.request("POST", &path(&tomas.id)).expect_error("forbidden").await;
    let old = ada.request("POST", &path(&mara.id)).expect(200).await;
    let new = ada.request("POST", &path(&mara.id)).expect(200).await;
    let token =
        |link: &serde_json::Value| link["url"].as_str().unwrap().split_once("/reset?token=").unwrap().1.to_owned();
    let reset = |token: String| {
        server.post("/auth/reset-password").json(&json!({ "token": token, "new_password": "an-ember-in-the-hearth" }))
    };
    reset(token(&old)).expect_error("invalid_link").await;
    reset(token(&new)).expect(204).await;
    mara.get("/sync").expect_error("not_signed_in").await;
    let login = json!({ "login": "mara", "password": "an-ember-in-the-hearth" });
    server.post("/auth/login").json(&login).expect(200).await;
}
