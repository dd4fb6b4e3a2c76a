//! Rate limits by account and by network, over REST, forms and sockets.

use crate::{
    all_endpoints::Endpoint,
    harness::{PASSWORD, Response, Server, random_name},
};
use serde_json::{Value, json};
use server::config::RawConfig;

/// A server with rate limits switched on.
pub async fn start_rate_limited(raw: RawConfig) -> Server {
    Server::start_with(RawConfig { rate_limits: Some("on".into()), ..raw }).await
}

fn header_number(response: &Response, name: &str) -> u32 {
    response.header(name).parse().unwrap_or_else(|_| panic!("{name} is {:?}", response.header(name)))
}

#[tokio::test]
async fn every_response_has_rate_limit_headers() {
    let server =
        start_rate_limited(RawConfig { limit_read: Some("60/min burst 5".into()), ..RawConfig::default() }).await;
    let ada = server.create_user("ada").await;
    for left in [4, 3] {
        let response = ada.get("/rooms").send().await;
        assert_eq!((response.status.as_u16(), header_number(&response, "ratelimit-limit")), (200, 5));
        assert_eq!(header_number(&response, "ratelimit-remaining"), left);
        assert_eq!(header_number(&response, "ratelimit-reset"), 5 - left);
        assert_eq!(response.header("ratelimit-policy"), "\"read\";q=5;w=5");
        assert_eq!(response.header("ratelimit"), format!("\"read\";r={left};t={}", 5 - left));
    }
    // Rejected requests, pages, forms and unknown paths count too; health checks do not.
    let page = server.get("//sign-in").header("accept", "text/html").send().await;
    assert_eq!(header_number(&page, "ratelimit-remaining"), 4);
    let origin = format!("http://{}", server.api.address);
    let form = server.post("//do/auth/sign-in").header("origin", &origin);
    let form = form.body("application/x-www-form-urlencoded", "login=ada&password=wrong-password").send().await;
    assert!(form.header("ratelimit-policy").starts_with("\"sign-in\""), "{form:?}");
    for refused in [server.get("/rooms"), server.get("/nothing"), ada.get("/rooms/x")] {
        assert!(!refused.send().await.header("ratelimit-remaining").is_empty());
    }
    for check in ["/health", "/ready"] {
        assert_eq!(server.get(check).send().await.header("ratelimit-limit"), "");
    }
}

#[tokio::test]
async fn exceeding_the_limit_returns_retry_after_and_does_not_affect_others() {
    let server =
        start_rate_limited(RawConfig { limit_write: Some("6/min burst 2".into()), ..RawConfig::default() }).await;
    let (ada, mara) = (server.create_user("ada").await, server.create_user("mara").await);
    for name in ["Kitchen", "Garden"] {
        ada.create_public_room(name).await;
    }
    let response = ada.post("/rooms", &json!({ "name": "Attic" })).send().await;
    let problem = response.json();
    assert_eq!((response.status.as_u16(), &problem["code"]), (429, &json!("rate_limited")));
    assert_eq!(response.content_type(), "application/problem+json");
    assert_eq!((header_number(&response, "retry-after"), header_number(&response, "ratelimit-remaining")), (10, 0));
    assert_eq!(problem["retry_after"], 10);
    assert!(problem["detail"].as_str().unwrap().ends_with("Try again in 10 seconds."), "{problem}");
    // Other devices of the account share its limit; reads have their own; and another account at the same address has
    // its own.
    ada.login_again().await.post("/rooms", &json!({ "name": "Attic" })).expect_error("rate_limited").await;
    ada.get("/rooms").expect(200).await;
    mara.create_public_room("Attic").await;
    server.clock.advance(10_000);
    ada.create_public_room("Cellar").await;
    ada.post("/rooms", &json!({ "name": "Loft" })).expect_error("rate_limited").await;
}

#[tokio::test]
async fn logins_are_limited_by_network() {
    let raw = RawConfig {
        limit_sign_in: Some("60/min burst 3".into()),
        trusted_proxies: Some(vec!["127.0.0.1".into()]),
        ..RawConfig::default()
    };
    let server = start_rate_limited(raw).await;
    let try_from = |address: &str| {
        let body = json!({ "login": random_name(), "password": PASSWORD });
        server.post("/auth/login").header("x-forwarded-for", address).json(&body)
    };
    // A /64 of IPv6 addresses counts as one network, and values that the client added to the header are ignored.
    for address in ["2001:db8::1", "203.0.113.9, 2001:db8::2", "nonsense, 2001:db8::3"] {
        try_from(address).expect_error("wrong_credentials").await;
    }
    try_from("2001:db8::4").expect_error("rate_limited").await;
    try_from("2001:db8:0:1::1").expect_error("wrong_credentials").await;
    server.clock.advance(1_000);
    try_from("2001:db8::5").expect_error("wrong_credentials").await;
}

#[tokio::test]
async fn logins_sent_with_a_token_are_limited_by_network_too() {
    let server =
        start_rate_limited(RawConfig { limit_sign_in: Some("1/h burst 9".into()), ..RawConfig::default() }).await;
    let throwaways =
        [server.create_user("ada").await, server.create_user("mara").await, server.create_user("tomas").await];
    let guess = || server.post("/auth/login").json(&json!({ "login": random_name(), "password": PASSWORD }));
    for throwaway in throwaways.iter().chain(&throwaways) {
        guess().token(&throwaway.access_token).expect_error("wrong_credentials").await;
    }
    // Three registrations and six guesses use up the limit of the network, whichever account sent them.
    for throwaway in &throwaways {
        guess().token(&throwaway.access_token).expect_error("rate_limited").await;
    }
    guess().expect_error("rate_limited").await;
}

#[tokio::test]
async fn every_endpoint_with_a_secret_uses_the_sign_in_limit() {
    let server = start_rate_limited(RawConfig::default()).await;
    let ada = server.create_user("ada").await;
    let mut seen = 0;
    let document: Value = serde_json::from_str(&server::openapi::text()).unwrap();
    let secrets = ["password", "current_password", "totp", "code", "token", "refresh_token"];
    for Endpoint { method, path, operation, .. } in Endpoint::all() {
        let schema = operation.pointer("/requestBody/content/application~1json/schema/$ref");
        let schema = schema.and_then(|path| document.pointer(path.as_str()?.trim_start_matches('#')));
        if schema.is_some_and(|schema| secrets.iter().any(|field| schema["properties"].get(*field).is_some())) {
            let response = ada.request(&method, &path).json(&json!({})).send().await;
            assert!(response.header("ratelimit-policy").starts_with("\"sign-in\""), "{method} {path}");
            seen += 1;
        }
    }
    assert!(seen >= 9, "{seen}");
}

#[tokio::test]
async fn a_network_as_a_whole_has_a_limit_too() {
    let raw = RawConfig { limit_address: Some("60/min burst 4".into()), ..RawConfig::default() };
    let server = start_rate_limited(raw).await;
    let (ada, mara) = (server.create_user("ada").await, server.create_user("mara").await);
    ada.get("/rooms").expect(200).await;
    mara.get("/rooms").expect(200).await;
    let response = ada.get("/rooms").send().await;
    assert_eq!(response.json()["code"], "rate_limited");
    assert_eq!(response.header("ratelimit-policy"), "\"address\";q=4;w=4");
    server.get("/health").expect(200).await;
}

#[tokio::test]
async fn a_command_over_the_limit_is_refused_and_the_socket_stays_open() {
    let server =
        start_rate_limited(RawConfig { limit_write: Some("60/min burst 2".into()), ..RawConfig::default() }).await;
    let ada = server.create_user("ada").await;
    let lobby = ada.lobby().await;
    let mut socket = ada.listen(None).await;
    let send = || json!({ "type": "message.send", "room_id": lobby, "body": "hi", "client_id": random_name() });
    for response in ["ack", "ack", "error"] {
        assert_eq!(socket.request(send()).await["type"], response);
    }
    let refused = socket.request(send()).await;
    assert_eq!((&refused["error"]["code"], &refused["error"]["retry_after"]), (&json!("rate_limited"), &json!(1)));
    for _ in 0..20 {
        assert_eq!(socket.request(json!({ "type": "ping" })).await["type"], "ack");
    }
    server.clock.advance(1_000);
    assert_eq!(socket.request(send()).await["type"], "ack");
    // The same account has the same limit over REST.
    let message = json!({ "body": "hi", "client_id": random_name() });
    ada.post(&format!("/rooms/{lobby}/messages"), &message).expect_error("rate_limited").await;
}

#[tokio::test]
async fn a_form_over_the_limit_gets_a_readable_page() {
    let server =
        start_rate_limited(RawConfig { limit_sign_in: Some("60/min burst 1".into()), ..RawConfig::default() }).await;
    server.create_user("ada").await;
    let origin = format!("http://{}", server.api.address);
    let form = server.post("//do/auth/sign-in").header("origin", &origin).header("accept", "text/html");
    let response = form.body("application/x-www-form-urlencoded", "login=ada&password=wrong-password").send().await;
    assert_eq!((response.status.as_u16(), response.content_type()), (429, "text/html; charset=utf-8"));
    assert_eq!(response.header("retry-after"), "1");
    assert!(response.text.contains("Try again in a second."), "{}", response.text);
}

#[tokio::test]
async fn rate_limits_can_be_switched_off() {
    let raw =
        RawConfig { rate_limits: Some("off".into()), limit_write: Some("1/h burst 1".into()), ..RawConfig::default() };
    let server = Server::start_with(raw).await;
    let ada = server.create_user("ada").await;
    for name in ["Kitchen", "Garden", "Attic"] {
        ada.create_public_room(name).await;
    }
    assert_eq!(ada.get("/rooms").send().await.header("ratelimit-limit"), "");
}

#[tokio::test]
async fn throttled_logins_are_refused_at_once() {
    let server = start_rate_limited(RawConfig::default()).await;
    let ada = server.create_user("ada").await;
    let login = |password: &str| {
        let body = json!({ "login": "ada", "password": password });
        server.post("/auth/login").json(&body)
    };
    for _ in 0..3 {
        login("not-the-password").expect_error("wrong_credentials").await;
    }
    for wait in [1, 2] {
        let response = login(PASSWORD).send().await;
        assert_eq!((response.status.as_u16(), header_number(&response, "retry-after")), (429, wait));
        server.clock.advance(i64::from(wait) * 1_000);
        login("not-the-password").expect_error("wrong_credentials").await;
    }
    // A rejected form is shown again with a readable message.
    let origin = format!("http://{}", server.api.address);
    let form = server.post("//do/auth/sign-in").header("origin", &origin).header("accept", "text/html");
    let response =
        form.body("application/x-www-form-urlencoded", format!("login=ada&password={PASSWORD}")).send().await;
    assert_eq!((response.status.as_u16(), &response.header("location")[..14]), (303, "/sign-in?__pat"));
    let page = server.get(&format!("/{}", response.header("location"))).header("accept", "text/html").send().await;
    assert!(page.text.contains("Try again in 4 seconds."), "{}", page.text);
    // Signed-in users are not affected.
    ada.get("/rooms").expect(200).await;
}
