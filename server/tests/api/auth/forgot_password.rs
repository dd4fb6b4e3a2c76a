use crate::harness::{PASSWORD, Server, smtp_server::SmtpServer};
use serde_json::json;

#[tokio::test]
async fn a_reset_link_is_mailed_and_works_once() {
    let smtp = SmtpServer::start().await;
    let (server, ada) = Server::start_with_mail(&smtp).await;
    ada.verify_email(&smtp, "ada@example.org").await;
    // The link uses the configured public URL, not the host of the request.
    let request = || server.post("/auth/forgot-password").header("x-forwarded-host", "evil.example");
    let request = || request().json(&json!({ "login": "ada" }));
    request().header("host", "evil.example").expect_error("unknown_host").await;
    assert_eq!(request().header("host", "127.0.0.9").send().await.status, 202);
    let email = smtp.next_email().await;
    assert!(email.link().starts_with("https://chat.example.org/reset?token="), "{}", email.link());
    let token = email.token();
    for _ in 0..2 {
        let page = server.get(&format!("//reset?token={token}")).header("accept", "text/html").send().await;
        assert_eq!((page.status.as_u16(), page.header("referrer-policy")), (200, "same-origin"));
        assert!(page.header("cache-control").contains("no-store") && page.text.contains("new_password"));
    }
    let body = json!({ "token": token, "new_password": "an-ember-in-the-hearth" });
    server.post("/auth/reset-password").json(&body).expect(204).await;
    server.post("/auth/reset-password").json(&body).expect_error("invalid_link").await;
    ada.get("/sync").expect_error("not_signed_in").await;
    let login = json!({ "login": "ada@example.org", "password": "an-ember-in-the-hearth" });
    server.post("/auth/login").json(&login).expect(200).await;
}

#[tokio::test]
async fn the_response_does_not_reveal_whether_the_account_exists() {
    let smtp = SmtpServer::start().await;
    let (server, ada) = Server::start_with_mail(&smtp).await;
    ada.verify_email(&smtp, "ada@example.org").await;
    for login in ["ada", "ada@example.org", "nobody", "nobody@example.org", "", "a@b\r\nBcc: c@d"] {
        let response = server.post("/auth/forgot-password").json(&json!({ "login": login })).send().await;
        assert_eq!((response.status.as_u16(), response.text.as_str()), (202, ""), "{login}");
    }
}

#[tokio::test]
async fn without_smtp_the_request_is_rejected() {
    let server = Server::start().await;
    server.create_user("ada").await;
    let problem = server.post("/auth/forgot-password").json(&json!({ "login": "ada" })).expect_error("no_mail").await;
    assert!(problem["detail"].as_str().unwrap().contains("administrator"), "{problem}");
    server.post("/auth/forgot-password").json(&json!({})).expect_field_error("login", "required").await;
    let page = server.get("//forgot").header("accept", "text/html").send().await;
    assert!(page.text.contains("administrator") && !page.text.contains("<form"), "{}", page.text);
    let login = json!({ "login": "ada", "password": PASSWORD });
    server.post("/auth/login").json(&login).expect(200).await;
}
