use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn logout_ends_only_this_session() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let phone = ada.login_again().await;
    ada.request("POST", "/auth/logout").expect(204).await;
    ada.get("/sync").expect_error("not_signed_in").await;
    let body = json!({ "refresh_token": ada.refresh_token });
    server.post("/auth/refresh").json(&body).expect_error("invalid_refresh_token").await;
    phone.get("/sync").expect(200).await;
}

#[tokio::test]
async fn logout_requires_a_session() {
    let server = Server::start().await;
    server.post("/auth/logout").expect_error("not_signed_in").await;
}
