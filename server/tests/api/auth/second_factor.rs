use crate::harness::{PASSWORD, Server, totp_code};
use serde_json::json;

#[tokio::test]
async fn a_second_factor_is_inactive_until_confirmed() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let state = ada.get("/auth/second-factor").expect(200).await;
    assert_eq!((&state["enabled"], &state["recovery_codes_left"]), (&json!(false), &json!(0)));
    ada.post("/auth/second-factor/confirm", &json!({ "code": "000000" })).expect_error("not_found").await;
    let setup = ada.request("POST", "/auth/second-factor").expect(201).await;
    assert!(setup["otpauth_url"].as_str().unwrap().starts_with("otpauth://totp/Lair%20Chat:ada%40127.0.0.1-"));
    assert!(setup["qr_svg"].as_str().unwrap().contains("<svg"));
    ada.post("/auth/second-factor/confirm", &json!({ "code": "no" })).expect_field_error("code", "invalid").await;
    ada.post("/auth/second-factor/recovery-codes", &json!({ "code": "000000" })).expect_error("not_found").await;
    let body = json!({ "login": "ada", "password": PASSWORD, "totp": null });
    server.post("/auth/login").json(&body).expect(200).await;
    ada.post("/auth/second-factor/remove", &json!({ "code": "" })).expect(204).await;
}

#[tokio::test]
async fn removing_and_renewing_require_a_code_besides_the_password() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let setup = ada.request("POST", "/auth/second-factor").expect(201).await;
    let code = totp_code(&setup, &server.clock);
    let body = json!({ "code": code, "end_other_sessions": true });
    let other = ada.login_again().await;
    let codes = ada.post("/auth/second-factor/confirm", &body).expect(200).await["codes"].clone();
    other.get("/rooms").expect_error("not_signed_in").await;
    for path in ["/auth/second-factor/remove", "/auth/second-factor/recovery-codes"] {
        ada.post(path, &json!({})).expect_field_error("code", "required").await;
        ada.post(path, &json!({ "code": "" })).expect_field_error("code", "required").await;
        // The code that turned it on has been used.
        ada.post(path, &json!({ "code": code })).expect_field_error("code", "invalid").await;
    }
    assert_eq!(ada.get("/auth/second-factor").expect(200).await["recovery_codes_left"], 10);
    let new = ada.post("/auth/second-factor/recovery-codes", &json!({ "code": codes[0] })).expect(200).await;
    ada.post("/auth/second-factor/remove", &json!({ "code": codes[1] })).expect_field_error("code", "invalid").await;
    ada.post("/auth/second-factor/remove", &json!({ "code": new["codes"][0] })).expect(204).await;
    ada.login_again().await;
}
