use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn each_wrong_field_is_named_and_the_link_stays_valid() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let link = ada.request("POST", &format!("/admin/users/{}/reset-password", mara.id)).expect(200).await;
    let token = link["url"].as_str().unwrap().split_once("token=").unwrap().1.to_owned();
    let wrong =
        async |body, field, code| server.post("/auth/reset-password").json(&body).expect_field_error(field, code).await;
    wrong(json!({ "token": token }), "new_password", "required").await;
    wrong(json!({ "token": token, "new_password": "short" }), "new_password", "too_short").await;
    wrong(json!({ "token": token, "new_password": "maramara" }), "new_password", "too_weak").await;
    wrong(json!({ "token": token, "new_password": "x".repeat(129) }), "new_password", "too_long").await;
    let body = json!({ "token": token, "new_password": "an-ember-in-the-hearth" });
    server.post("/auth/reset-password").json(&body).expect(204).await;
    mara.get("/sync").expect_error("not_signed_in").await;
    ada.get("/sync").expect(200).await;
}

#[tokio::test]
async fn unknown_tokens_are_rejected() {
    let server = Server::start().await;
    for token in ["", "x", "\0", &"0".repeat(64), &"f".repeat(10_000)] {
        let body = json!({ "token": token, "new_password": "an-ember-in-the-hearth" });
        server.post("/auth/reset-password").json(&body).expect_error("invalid_link").await;
        server.post("/auth/verify-email").json(&json!({ "token": token })).expect_error("invalid_link").await;
    }
}
