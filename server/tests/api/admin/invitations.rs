use crate::harness::{PASSWORD, Server};
use serde_json::{Value, json};
use server::config::RawConfig;

fn code(invitation: &Value) -> String {
    invitation["url"].as_str().unwrap().split_once("/sign-up?invitation=").unwrap().1.to_owned()
}

#[tokio::test]
async fn registration_with_an_invitation() {
    let server =
        Server::start_with(RawConfig { registration: Some("invitation".into()), ..RawConfig::default() }).await;
    let ada = server.create_user("ada").await;
    let sign_up = async |name: &str, code: Option<&str>| {
        let body = json!({ "username": name, "password": PASSWORD, "invitation": code });
        server.post("/auth/register").json(&body).send().await
    };
    assert_eq!(sign_up("mara", None).await.json()["code"], "invitation_required");
    let created = ada.post("/admin/invitations", &json!({ "role": "guest", "max_uses": 1 })).expect(201).await;
    let code = code(&created);
    assert_eq!(created["role"], "guest");
    assert_eq!(created["created_by"]["username"], "ada");
    assert!(created["url"].as_str().unwrap().starts_with(&server.api.url("")), "{created}");
    let mara = sign_up("mara", Some(&code)).await;
    assert_eq!((mara.status.as_u16(), &mara.json()["user"]["role"]), (201, &json!("guest")));
    assert_eq!(sign_up("yuki", Some(&code)).await.json()["code"], "invalid_invitation");
    let listed = ada.get("/admin/invitations").expect(200).await;
    assert_eq!((&listed["items"][0]["uses"], &listed["items"][0]["url"]), (&json!(1), &Value::Null));
}

#[tokio::test]
async fn invitations_are_paginated_newest_first_and_can_be_revoked() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let mut created = Vec::new();
    for _ in 0..3 {
        created.push(ada.post("/admin/invitations", &json!({})).expect(201).await["id"].clone());
    }
    let first = ada.get("/admin/invitations?limit=2").expect(200).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = ada.get(&format!("/admin/invitations?limit=2&cursor={cursor}")).expect(200).await;
    let ids = |page: &Value| page["items"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
    assert_eq!([ids(&first), ids(&second)].concat(), created.iter().rev().cloned().collect::<Vec<_>>());
    assert_eq!(second["next_cursor"], Value::Null);
    let one = format!("/admin/invitations/{}", created[0].as_str().unwrap());
    mara.delete(&one).expect_error("forbidden").await;
    ada.delete(&one).expect(204).await;
    ada.delete(&one).expect_error("not_found").await;
}

#[tokio::test]
async fn invitations_require_permission_and_valid_limits() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    mara.post("/admin/invitations", &json!({})).expect_error("forbidden").await;
    mara.get("/admin/invitations").expect_error("forbidden").await;
    ada.post("/admin/invitations", &json!({ "role": "admin" })).expect_field_error("role", "invalid").await;
    ada.post("/admin/invitations", &json!({ "role": "king" })).expect_field_error("role", "invalid").await;
    ada.post("/admin/invitations", &json!({ "max_uses": 0 })).expect_field_error("max_uses", "invalid").await;
    ada.post("/admin/invitations", &json!({ "days": 366 })).expect_field_error("days", "invalid").await;
    ada.post("/admin/invitations", &json!({ "days": -1 })).expect_field_error("days", "wrong_type").await;
    let again = || ada.post("/admin/invitations", &json!({})).header("idempotency-key", "k");
    let (first, repeat) = (again().expect(201).await, again().expect(200).await);
    assert_eq!(first["id"], repeat["id"]);
    let other = ada.post("/admin/invitations", &json!({ "max_uses": 5 })).header("idempotency-key", "k");
    other.expect_error("idempotency_key_reused").await;
}
