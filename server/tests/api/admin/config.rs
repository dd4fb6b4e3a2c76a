use crate::harness::{PASSWORD, Server};
use serde_json::json;
use server::config::RawConfig;

#[tokio::test]
async fn the_registration_policy_is_the_configured_one_until_an_administrator_changes_it() {
    let mut server =
        Server::start_with(RawConfig { registration: Some("closed".into()), ..RawConfig::default() }).await;
    let ada = server.create_user("ada").await;
    assert_eq!(ada.get("/admin/config").expect(200).await, json!({ "registration": "closed" }));
    let sign_up = || server.post("/auth/register").json(&json!({ "username": "mara", "password": PASSWORD }));
    sign_up().expect_error("registration_closed").await;
    let open = json!({ "registration": "open" });
    assert_eq!(ada.put("/admin/config", &open).expect(200).await, open);
    sign_up().expect(201).await;
    server.restart().await;
    assert_eq!(ada.get("/admin/config").expect(200).await, open);
}

#[tokio::test]
async fn only_administrators_can_set_valid_values() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    mara.get("/admin/config").expect_error("forbidden").await;
    mara.put("/admin/config", &json!({ "registration": "closed" })).expect_error("forbidden").await;
    ada.put("/admin/config", &json!({})).expect_field_error("registration", "required").await;
    ada.put("/admin/config", &json!({ "registration": "perhaps" })).expect_field_error("registration", "invalid").await;
    ada.put("/admin/config", &json!({ "registration": "open", "colour": "red" }))
        .expect_field_error("colour", "unknown")
        .await;
}
