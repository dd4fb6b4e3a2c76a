use crate::harness::{PASSWORD, Server};
use serde_json::json;

#[tokio::test]
async fn who_leaves_is_out_at_once_and_stays_a_name() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    let mara = server.person("mara").await;
    let other = mara.sign_in_again().await;
    let mut socket = other.listen(None).await;
    mara.post("/users/deactivate", &json!({ "password": "guess" })).refused("password_needed").await;
    mara.get("/sync").expect(200).await;
    mara.post("/users/deactivate", &json!({ "password": PASSWORD })).expect(204).await;
    assert_eq!(socket.end().await, (4001, "session ended".to_owned()));
    mara.get("/sync").refused("not_signed_in").await;
    other.get("/sync").refused("not_signed_in").await;
    let login = |password: &str| server.post("/auth/login").json(&json!({ "login": "mara", "password": password }));
    login("guess").refused("wrong_credentials").await;
    login(PASSWORD).refused("deactivated").await;
    assert_eq!(ada.get(&format!("/users/{}", mara.id)).expect(200).await["deactivated"], true);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let server = Server::start().await;
    let ada = server.person("ada").await;
    ada.post("/users/deactivate", &json!({ "password": PASSWORD })).refused("last_admin").await;
    ada.get("/sync").expect(200).await;
}
