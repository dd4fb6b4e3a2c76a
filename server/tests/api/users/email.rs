use crate::harness::{PASSWORD, Server, smtp_server::SmtpServer};
use serde_json::json;

#[tokio::test]
async fn without_smtp_an_email_is_set_at_once() {
    let server = Server::start().await;
    let [ada, mara, ..] = server.create_users().await;
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    let state = ada.put("/users/email", &body).expect(200).await;
    assert_eq!(state, json!({ "email": "ada@example.org", "verified": false, "pending": null }));
    assert_eq!(ada.get("/users/email").expect(200).await, state);
    mara.put("/users/email", &body).expect_error("email_taken").await;
    ada.request("POST", "/users/email/verification").expect_error("no_mail").await;
    let none = json!({ "email": null, "password": PASSWORD });
    assert_eq!(ada.put("/users/email", &none).expect(200).await["email"], json!(null));
}

#[tokio::test]
async fn with_smtp_an_email_is_set_after_verification() {
    let smtp = SmtpServer::start().await;
    let (server, ada) = Server::start_with_mail(&smtp).await;
    let body = json!({ "email": "ada@example.org", "password": PASSWORD });
    let state = ada.put("/users/email", &body).expect(200).await;
    assert_eq!(state, json!({ "email": null, "verified": false, "pending": "ada@example.org" }));
    let first = smtp.next_email().await.token();
    assert_eq!(ada.request("POST", "/users/email/verification").send().await.status, 202);
    let email = smtp.next_email().await;
    server.post("/auth/verify-email").json(&json!({ "token": first })).expect_error("invalid_link").await;
    assert_eq!(ada.get("/users/email").expect(200).await["verified"], false);
    server.post("/auth/verify-email").json(&json!({ "token": email.token() })).expect(204).await;
    let state = ada.get("/users/email").expect(200).await;
    assert_eq!(state, json!({ "email": "ada@example.org", "verified": true, "pending": null }));
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let wrong = async |body, field, code| ada.put("/users/email", &body).expect_field_error(field, code).await;
    let body = json!({ "email": "ada@example.org", "password": "no" });
    assert_eq!(
        ada.put("/users/email", &body).expect_error("password_required").await["errors"][0]["field"],
        "password"
    );
    wrong(json!({ "email": "ada@example.org" }), "password", "required").await;
    for address in ["nowhere", "a@example.org\r\nBcc: b@example.org", "a,b@example.org", "<a@example.org>", "a b@c"] {
        wrong(json!({ "email": address, "password": PASSWORD }), "email", "invalid").await;
    }
    wrong(json!({ "email": format!("{}@example.org", "x".repeat(300)), "password": PASSWORD }), "email", "too_long")
        .await;
}
