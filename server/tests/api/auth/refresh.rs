use crate::harness::{Server, TestUser};
use serde_json::json;

#[tokio::test]
async fn a_refresh_token_works_once() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let body = json!({ "refresh_token": ada.refresh_token });
    let refreshed = TestUser::from_tokens(&ada.api, &server.post("/auth/refresh").json(&body).expect(200).await);
    assert_eq!(refreshed.session_id, ada.session_id);
    assert_ne!(refreshed.refresh_token, ada.refresh_token);
    refreshed.get("/sync").expect(200).await;
}

#[tokio::test]
async fn reuse_ends_the_whole_session() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let body = json!({ "refresh_token": ada.refresh_token });
    let refreshed = TestUser::from_tokens(&ada.api, &server.post("/auth/refresh").json(&body).expect(200).await);
    server.post("/auth/refresh").json(&body).expect_error("invalid_refresh_token").await;
    refreshed.get("/sync").expect_error("not_signed_in").await;
    let body = json!({ "refresh_token": refreshed.refresh_token });
    server.post("/auth/refresh").json(&body).expect_error("invalid_refresh_token").await;
}

#[tokio::test]
async fn unknown_refresh_tokens_are_rejected() {
    let server = Server::start().await;
    for token in ["", "x", "\u{0}", &"f".repeat(4096)] {
        let body = json!({ "refresh_token": token });
        server.post("/auth/refresh").json(&body).expect_error("invalid_refresh_token").await;
    }
    server.post("/auth/refresh").json(&json!({})).expect_field_error("refresh_token", "required").await;
}
