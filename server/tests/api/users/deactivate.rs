use crate::harness::{PASSWORD, Server};
use serde_json::json;

#[tokio::test]
async fn deactivation_ends_all_sessions_and_keeps_the_name() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let mara = server.create_user("mara").await;
    let other = mara.login_again().await;
    let mut socket = other.listen(None).await;
    mara.post("/users/deactivate", &json!({ "password": "guess" })).expect_error("password_required").await;
    mara.get("/sync").expect(200).await;
    mara.post("/users/deactivate", &json!({ "password": PASSWORD })).expect(204).await;
    assert_eq!(socket.wait_for_close().await, (4001, "session ended".to_owned()));
    mara.get("/sync").expect_error("not_signed_in").await;
    other.get("/sync").expect_error("not_signed_in").await;
    let login = |password: &str| server.post("/auth/login").json(&json!({ "login": "mara", "password": password }));
    login("guess").expect_error("wrong_credentials").await;
    login(PASSWORD).expect_error("deactivated").await;
    assert_eq!(ada.get(&format!("/users/{}", mara.id)).expect(200).await["deactivated"], true);
}

#[tokio::test]
async fn the_last_administrator_cannot_deactivate_their_account() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    ada.post("/users/deactivate", &json!({ "password": PASSWORD })).expect_error("last_admin").await;
    ada.get("/sync").expect(200).await;
}
