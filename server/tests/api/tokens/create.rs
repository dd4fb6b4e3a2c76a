use crate::harness::Server;
use serde_json::json;

#[tokio::test]
async fn a_token_secret_is_shown_once() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let body = json!({ "label": "Deployments", "scope": "write", "expires_at": "2999-01-01T00:00:00.000Z" });
    let mut created = ada.post("/tokens", &body).expect(201).await;
    assert!(created["token"].as_str().unwrap().starts_with("lair_"));
    created.as_object_mut().unwrap().remove("token");
    assert_eq!(ada.get("/tokens").expect(200).await["items"], json!([created]));
    assert_eq!(mara.get("/tokens").expect(200).await["items"], json!([]));
    let path = format!("/tokens/{}", created["id"].as_str().unwrap());
    mara.delete(&path).expect_error("not_found").await;
    ada.delete(&path).expect(204).await;
    ada.delete(&path).expect_error("not_found").await;
}

#[tokio::test]
async fn a_repeat_returns_the_token_without_its_secret() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let request = || {
        let request = ada.post("/tokens", &json!({ "label": "Deployments", "scope": "read" }));
        request.header("idempotency-key", "once")
    };
    let mut first = request().expect(201).await;
    assert!(first.as_object_mut().unwrap().remove("token").is_some());
    assert_eq!(request().expect(200).await, first);
    let other_scope = ada.post("/tokens", &json!({ "label": "Deployments", "scope": "write" }));
    other_scope.header("idempotency-key", "once").expect_error("idempotency_key_reused").await;
    ada.delete(&format!("/tokens/{}", first["id"].as_str().unwrap())).expect(204).await;
    request().expect_error("not_found").await;
    let request = ada.post("/tokens", &json!({ "label": "Deployments", "scope": "read" }));
    request.header("idempotency-key", "two words").expect_error("invalid").await;
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let wrong = async |body, field, code| ada.post("/tokens", &body).expect_field_error(field, code).await;
    wrong(json!({ "scope": "read" }), "label", "required").await;
    wrong(json!({ "label": "", "scope": "read" }), "label", "required").await;
    wrong(json!({ "label": "x" }), "scope", "required").await;
    wrong(json!({ "label": "x", "scope": "read", "expires_at": "2001-01-01T00:00:00.000Z" }), "expires_at", "invalid")
        .await;
    wrong(json!({ "label": "x", "scope": "read", "expires_at": "soon" }), "expires_at", "wrong_type").await;
}
