use crate::harness::{PASSWORD, Server, TestUser};
use serde_json::json;

#[tokio::test]
async fn a_user_is_found_by_id_and_by_username() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let body = json!({ "username": "Tomás", "password": PASSWORD, "email": "tomas@example.org" });
    let tomas = TestUser::from_tokens(&server.api, &server.post("/auth/register").json(&body).expect(201).await);
    let by_id = ada.get(&format!("/users/{}", tomas.id)).expect(200).await;
    assert_eq!(by_id["username"], "Tomás");
    for name in ["Tomás", "tomás", "TOM%C3%81S"] {
        assert_eq!(ada.get(&format!("/users/username/{name}")).expect(200).await, by_id, "{name}");
    }
}

#[tokio::test]
async fn the_email_is_visible_only_to_its_user() {
    let server = Server::start().await;
    let body = json!({ "username": "ada", "password": PASSWORD, "email": "ada@example.org" });
    let ada = TestUser::from_tokens(&server.api, &server.post("/auth/register").json(&body).expect(201).await);
    let mara = server.create_user("mara").await;
    let path = format!("/users/{}", ada.id);
    assert_eq!(mara.get(&path).expect(200).await.get("email"), None);
    assert_eq!(ada.get("/sync").expect(200).await["self"]["email"], "ada@example.org");
}

#[tokio::test]
async fn an_unknown_username_is_not_found() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    for name in ["nobody", "%00", "%f0%9f", "x%2fy"] {
        ada.get(&format!("/users/username/{name}")).expect_error("not_found").await;
    }
}
