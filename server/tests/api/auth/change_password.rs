use crate::harness::{PASSWORD, Server};
use serde_json::json;

const NEW: &str = "an-ember-in-the-hearth";

#[tokio::test]
async fn changing_the_password_ends_all_other_sessions() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let phone = ada.login_again().await;
    let body = json!({ "current_password": PASSWORD, "new_password": NEW });
    ada.post("/auth/change-password", &body).expect(204).await;
    ada.get("/sync").expect(200).await;
    phone.get("/sync").expect_error("not_signed_in").await;
    server
        .post("/auth/login")
        .json(&json!({ "login": "ada", "password": PASSWORD }))
        .expect_error("wrong_credentials")
        .await;
    server.post("/auth/login").json(&json!({ "login": "ada", "password": NEW })).expect(200).await;
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let wrong =
        async |body, field, code| ada.post("/auth/change-password", &body).expect_field_error(field, code).await;
    let body = json!({ "current_password": "no", "new_password": NEW });
    let problem = ada.post("/auth/change-password", &body).expect_error("password_required").await;
    assert_eq!(problem["errors"][0]["field"], "current_password");
    wrong(json!({ "current_password": PASSWORD, "new_password": "short" }), "new_password", "too_short").await;
    wrong(json!({ "current_password": PASSWORD, "new_password": "password1234" }), "new_password", "too_weak").await;
    wrong(json!({ "new_password": NEW }), "current_password", "required").await;
    wrong(json!({ "current_password": PASSWORD, "new_password": NEW, "user_id": ada.id }), "user_id", "unknown").await;
}
