use crate::harness::{PASSWORD, Server};
use serde_json::json;

#[tokio::test]
async fn login_accepts_username_or_email() {
    let server = Server::start().await;
    let body = json!({ "username": "ada", "password": PASSWORD, "email": "ada@example.org" });
    let first = server.post("/auth/register").json(&body).expect(201).await;
    for login in ["ada", "Ada", "ada@example.org"] {
        let body = json!({ "login": login, "password": PASSWORD });
        let tokens = server.post("/auth/login").json(&body).expect(200).await;
        assert_eq!(tokens["user"]["id"], first["user"]["id"]);
        assert_ne!(tokens["session_id"], first["session_id"]);
    }
}

#[tokio::test]
async fn unknown_usernames_and_wrong_passwords_get_the_same_response() {
    let server = Server::start().await;
    server.create_user("ada").await;
    let wrong_name = json!({ "login": "nobody", "password": PASSWORD });
    let wrong_password = json!({ "login": "ada", "password": "not-the-password" });
    let one = server.post("/auth/login").json(&wrong_name).expect_error("wrong_credentials").await;
    let other = server.post("/auth/login").json(&wrong_password).expect_error("wrong_credentials").await;
    assert_eq!(one["detail"], other["detail"]);
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let wrong = async |body, field, code| server.post("/auth/login").json(&body).expect_field_error(field, code).await;
    wrong(json!({ "password": PASSWORD }), "login", "required").await;
    wrong(json!({ "login": "ada" }), "password", "required").await;
    wrong(json!({ "login": ["ada"], "password": PASSWORD }), "login", "wrong_type").await;
    wrong(json!({ "login": "ada", "password": PASSWORD, "remember": true }), "remember", "unknown").await;
}
