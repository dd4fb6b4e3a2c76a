use crate::harness::{PASSWORD, Server};
use serde_json::json;

#[tokio::test]
async fn a_second_factor_is_inactive_until_confirmed() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let state = ada.get("/auth/second-factor").expect(200).await;
    assert_eq!((&state["enabled"], &state["recovery_codes_left"]), (&json!(false), &json!(0)));
    ada.post("/auth/second-factor/confirm", &json!({ "code": "000000" })).expect_error("not_found").await;
    let setup = ada.request("POST", "/auth/second-factor").expect(201).await;
    assert!(setup["otpauth_url"].as_str().unwrap().starts_with("otpauth://totp/Lair:ada?secret="));
    assert!(setup["qr_svg"].as_str().unwrap().contains("<svg"));
    ada.post("/auth/second-factor/confirm", &json!({ "code": "no" })).expect_field_error("code", "invalid").await;
    ada.request("POST", "/auth/second-factor/recovery-codes").expect_error("not_found").await;
    let body = json!({ "login": "ada", "password": PASSWORD, "totp": null });
    server.post("/auth/login").json(&body).expect(200).await;
    ada.request("DELETE", "/auth/second-factor").expect(204).await;
}
