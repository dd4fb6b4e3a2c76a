use crate::harness::{PASSWORD, Server};
use serde_json::json;
use server::config::RawConfig;

#[tokio::test]
async fn only_the_first_account_is_an_administrator() {
    let server = Server::start().await;
    let body = json!({ "username": "ada", "password": PASSWORD, "display_name": "Ada", "email": "ada@example.org" });
    let tokens = server.post("/auth/register").json(&body).expect(201).await;
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["user"]["role"], "admin");
    assert_eq!(tokens["user"]["display_name"], "Ada");
    assert_eq!(tokens["user"]["email"], "ada@example.org");
    let body = json!({ "username": "mara", "password": PASSWORD });
    let tokens = server.post("/auth/register").json(&body).expect(201).await;
    assert_eq!(tokens["user"]["role"], "member");
    assert_eq!(tokens["user"]["display_name"], "mara");
}

#[tokio::test]
async fn a_repeat_with_the_same_key_creates_no_second_account() {
    let server = Server::start().await;
    let body = json!({ "username": "ada", "password": PASSWORD });
    let first = server.post("/auth/register").json(&body).header("idempotency-key", "k1").expect(201).await;
    let again = server.post("/auth/register").json(&body).header("idempotency-key", "k1").expect(200).await;
    assert_eq!(first["user"]["id"], again["user"]["id"]);
    let attacker = json!({ "username": "ada", "password": "not-the-password" });
    server.post("/auth/register").json(&attacker).header("idempotency-key", "k1").expect_error("username_taken").await;
}

#[tokio::test]
async fn usernames_and_emails_are_unique_regardless_of_case() {
    let server = Server::start().await;
    let body = json!({ "username": "ada", "password": PASSWORD, "email": "ada@example.org" });
    server.post("/auth/register").json(&body).expect(201).await;
    let body = json!({ "username": "ADA", "password": PASSWORD });
    server.post("/auth/register").json(&body).expect_error("username_taken").await;
    let body = json!({ "username": "mara", "password": PASSWORD, "email": "Ada@Example.org" });
    server.post("/auth/register").json(&body).expect_error("email_taken").await;
}

#[tokio::test]
async fn names_of_every_script_can_be_registered() {
    let server = Server::start().await;
    let good = [
        ("ada", "علی\u{200c}رضا"),
        ("เพื่อน", "ශ්\u{200d}රී"),
        ("ເພື່ອນ", "Kim 🏳️\u{200d}⚧️"),
        ("తెలుగు", "The 👨\u{200d}👩\u{200d}👧"),
        ("বন্ধু", "র\u{200d}্যাব"),
        ("മലയാളം", "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} Bo"),
    ];
    for (username, display_name) in good {
        let body = json!({ "username": username, "password": PASSWORD, "display_name": display_name });
        let user = server.post("/auth/register").json(&body).expect(201).await["user"].clone();
        assert_eq!((&user["username"], &user["display_name"]), (&json!(username), &json!(display_name)));
    }
    let long = format!("{}@example.org", "x".repeat(64));
    let body = json!({ "username": "mara", "password": PASSWORD, "email": long });
    server.post("/auth/register").json(&body).expect(201).await;
    let body = json!({ "username": "yuki", "password": PASSWORD, "email": format!("x{long}") });
    server.post("/auth/register").json(&body).expect_field_error("email", "invalid").await;
}

#[tokio::test]
async fn a_body_may_begin_with_a_byte_order_mark() {
    let server = Server::start().await;
    let body = json!({ "username": "ada", "password": PASSWORD }).to_string();
    server.post("/auth/register").body("application/json", format!("\u{feff}{body}")).expect(201).await;
    let twice = format!("\u{feff}\u{feff}{body}");
    server.post("/auth/register").body("application/json", twice).expect_error("malformed").await;
}

#[tokio::test]
async fn each_wrong_field_is_named() {
    let server = Server::start().await;
    let wrong =
        async |body, field, code| server.post("/auth/register").json(&body).expect_field_error(field, code).await;
    wrong(json!({ "password": PASSWORD }), "username", "required").await;
    wrong(json!({ "username": "ada" }), "password", "required").await;
    wrong(json!({ "username": "a", "password": PASSWORD }), "username", "too_short").await;
    wrong(json!({ "username": "ada lovelace", "password": PASSWORD }), "username", "invalid").await;
    wrong(json!({ "username": "ada", "password": "short" }), "password", "too_short").await;
    wrong(json!({ "username": "ada", "password": "x".repeat(129) }), "password", "too_long").await;
    wrong(json!({ "username": "ada", "password": PASSWORD, "email": "nowhere" }), "email", "invalid").await;
    for hidden in ["a\u{200d}da", "ada\u{200c}", "a\u{202e}da", "\u{301}", &format!("a{}", "\u{301}".repeat(5))] {
        let body = json!({ "username": "ada", "password": PASSWORD, "display_name": hidden });
        wrong(body, "display_name", "invalid").await;
    }
    wrong(json!({ "username": "everyone", "password": PASSWORD }), "username", "reserved").await;
    wrong(json!({ "username": 7, "password": PASSWORD }), "username", "wrong_type").await;
    wrong(json!({ "username": "ada", "password": PASSWORD, "role": "admin" }), "role", "unknown").await;
    let body = json!({ "username": "ada", "password": PASSWORD });
    let key = "k".repeat(65);
    server
        .post("/auth/register")
        .header("idempotency-key", &key)
        .json(&body)
        .expect_field_error("Idempotency-Key", "too_long")
        .await;
}

#[tokio::test]
async fn a_publicly_reachable_server_requires_the_setup_code() {
    let behind_a_proxy = RawConfig { public_url: Some("https://chat.example.org".into()), ..RawConfig::default() };
    let proxied = Server::start_with(behind_a_proxy).await;
    let server = Server::start_on_all_interfaces().await;
    let body = json!({ "username": "ada", "password": PASSWORD });
    server.post("/auth/register").json(&body).expect_error("setup_code_required").await;
    proxied.post("/auth/register").json(&body).expect_error("setup_code_required").await;
    let body = json!({ "username": "ada", "password": PASSWORD, "setup_code": "guessed" });
    server.post("/auth/register").json(&body).expect_error("setup_code_required").await;
}
