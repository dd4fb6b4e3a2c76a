//! Cookie authentication: cookies, their refresh, and allowed origins.

use crate::harness::{Request, Response, Server, TestUser, socket::handshake};
use serde_json::json;
use server::config::RawConfig;

fn cookies(response: &Response) -> Vec<&str> {
    response.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()).collect()
}

fn cookie<'a>(response: &'a Response, name: &str) -> &'a str {
    let found = cookies(response).into_iter().find_map(|cookie| cookie.strip_prefix(name)?.strip_prefix('='));
    found.unwrap_or_else(|| panic!("no cookie {name}: {response:?}")).split(';').next().unwrap_or_default()
}

/// A same-origin request with cookies.
fn browser_request(server: &Server, method: &str, path: &str, cookies: &str) -> Request {
    let origin = format!("http://{}", server.api.address);
    server.request(method, path).header("cookie", cookies).header("origin", &origin)
}

pub fn session_cookies(user: &TestUser) -> String {
    format!("lair_access={}; lair_refresh={}", user.access_token, user.refresh_token)
}

#[tokio::test]
async fn cookies_authenticate_like_a_token() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let response = browser_request(&server, "GET", "/sync", &session_cookies(&ada)).send().await;
    assert_eq!((response.status.as_u16(), cookies(&response).len()), (200, 0));
    browser_request(&server, "POST", "/rooms", &session_cookies(&ada))
        .json(&json!({ "name": "Kitchen" }))
        .expect(201)
        .await;
}

#[tokio::test]
async fn an_expired_access_cookie_is_refreshed_on_any_request() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let old = format!("lair_access=expired; lair_refresh={}", ada.refresh_token);
    let response = browser_request(&server, "GET", "/sync", &old).send().await;
    assert_eq!(response.status, 200);
    for cookie in cookies(&response) {
        assert!(cookie.contains("; Path=/; HttpOnly; SameSite=Lax; Max-Age="), "{cookie}");
        assert!(!cookie.contains("Secure"), "{cookie}");
    }
    let (access, refresh) = (cookie(&response, "lair_access"), cookie(&response, "lair_refresh"));
    assert_ne!(refresh, ada.refresh_token);
    server.get("/sync").token(access).expect(200).await;
    // Another tab with the old cookies does not count as reuse; it gets its own access token.
    let response = browser_request(&server, "GET", "/sync", &old).send().await;
    assert_eq!((response.status.as_u16(), cookies(&response).len()), (200, 1));
    assert_ne!(cookie(&response, "lair_access"), "");
    let new = format!("lair_refresh={refresh}");
    assert_eq!(browser_request(&server, "GET", "/sync", &new).send().await.status, 200);
}

#[tokio::test]
async fn cookie_refreshes_are_rate_limited_and_rejected_requests_refresh_nothing() {
    let limits = RawConfig {
        rate_limits: Some("on".into()),
        limit_sign_in: Some("60/min burst 3".into()),
        ..RawConfig::default()
    };
    let server = Server::start_with(limits).await;
    let ada = server.create_user("ada").await;
    let refresh = |token: &str| format!("lair_refresh={token}");
    let mut token = ada.refresh_token.clone();
    for _ in 0..3 {
        let response = browser_request(&server, "GET", "/sync", &refresh(&token)).send().await;
        assert_eq!(response.status, 200);
        token = cookie(&response, "lair_refresh").to_owned();
    }
    for path in ["/sync", "//sign-in", "/rooms"] {
        let response = browser_request(&server, "GET", path, &refresh(&token)).send().await;
        assert_eq!((response.status.as_u16(), cookies(&response).len()), (429, 0), "{path}: {response:?}");
        assert!(response.header("ratelimit-policy").starts_with("\"sign-in\""), "{response:?}");
    }
    // Nor do other clients at the same address use up this limit.
    let mara =
        server.request("POST", "/auth/login").json(&json!({ "login": "ada", "password": crate::harness::PASSWORD }));
    let other = TestUser::from_tokens(&server.api, &mara.expect(200).await);
    server.clock.advance(1_000);
    let response = browser_request(&server, "GET", "/sync", &refresh(&token)).send().await;
    assert_eq!(
        (response.status.as_u16(), cookies(&response).len()),
        (200, 2),
        "the token was not used up: {response:?}"
    );
    server.get("/sync").token(&other.access_token).expect(200).await;
}

#[tokio::test]
async fn the_read_limit_applies_before_a_refresh() {
    let limits =
        RawConfig { rate_limits: Some("on".into()), limit_read: Some("60/min burst 1".into()), ..RawConfig::default() };
    let server = Server::start_with(limits).await;
    let ada = server.create_user("ada").await;
    ada.get("/rooms").expect(200).await;
    let cookie = format!("lair_refresh={}", ada.refresh_token);
    let response = browser_request(&server, "GET", "/sync", &cookie).send().await;
    assert_eq!((response.status.as_u16(), cookies(&response).len()), (429, 0), "{response:?}");
    server.clock.advance(1_000);
    let response = browser_request(&server, "GET", "/sync", &cookie).send().await;
    assert_eq!((response.status.as_u16(), cookies(&response).len()), (200, 2), "{response:?}");
}

#[tokio::test]
async fn an_ended_session_does_not_use_up_the_users_quota() {
    let limits =
        RawConfig { rate_limits: Some("on".into()), limit_write: Some("1/h burst 3".into()), ..RawConfig::default() };
    let server = Server::start_with(limits).await;
    let ada = server.create_user("ada").await;
    let here = ada.login_again().await;
    ada.request("POST", "/auth/logout").expect(204).await;
    let old = format!("lair_refresh={}", ada.refresh_token);
    for _ in 0..4 {
        browser_request(&server, "POST", "/rooms", &old).json(&json!({ "name": "Kitchen" })).send().await;
    }
    here.create_public_room("Kitchen").await;
}

#[tokio::test]
async fn only_authenticated_routes_refresh_cookies() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let old = format!("lair_access=expired; lair_refresh={}", ada.refresh_token);
    for path in ["//nothing/here", "/nothing", "//emoji.txt", "/health"] {
        let response = browser_request(&server, "GET", path, &old).header("accept", "text/html").send().await;
        assert!(cookies(&response).is_empty(), "{path}: {response:?}");
    }
    let cross = server.post("/rooms").header("cookie", &old).header("origin", "https://evil.example");
    let response = cross.json(&json!({ "name": "Kitchen" })).send().await;
    assert_eq!((response.status.as_u16(), cookies(&response).len()), (403, 0), "{response:?}");
    let response = browser_request(&server, "GET", "/sync", &old).send().await;
    assert_eq!((response.status.as_u16(), cookies(&response).len()), (200, 2), "{response:?}");
}

#[tokio::test]
async fn with_tls_the_http_origin_of_the_same_host_is_cross_site() {
    let mut server = Server::start().await;
    let ada = server.create_user("ada").await;
    server.raw.public_url = Some("https://chat.example.org".into());
    server.restart().await;
    let access = format!("__Host-lair_access={}", ada.access_token);
    let room = |origin: &str| {
        let room = server.post("/rooms").header("cookie", &access).header("host", "chat.example.org");
        room.header("origin", origin).json(&json!({ "name": "Kitchen" }))
    };
    room("http://chat.example.org").expect_error("cross_site").await;
    room("https://chat.example.org:8443").expect_error("cross_site").await;
    room("https://chat.example.org").expect(201).await;
}

#[tokio::test]
async fn invalid_cookies_are_deleted() {
    let server = Server::start().await;
    let response = browser_request(&server, "GET", "/sync", "lair_access=x; lair_refresh=y").send().await;
    assert_eq!(response.json()["code"], "not_signed_in");
    assert!(cookies(&response).iter().all(|cookie| cookie.contains("Max-Age=0")), "{response:?}");
    assert_eq!(cookies(&response).len(), 2);
}

#[tokio::test]
async fn logout_deletes_the_cookies() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let response = browser_request(&server, "POST", "/auth/logout", &session_cookies(&ada)).send().await;
    assert_eq!((response.status.as_u16(), cookies(&response).len()), (204, 2));
    browser_request(&server, "GET", "/sync", &session_cookies(&ada)).expect_error("not_signed_in").await;
}

#[tokio::test]
async fn cross_site_requests_are_rejected() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let room = || server.post("/rooms").header("cookie", &session_cookies(&ada)).json(&json!({ "name": "Kitchen" }));
    room().expect_error("cross_site").await;
    room().header("origin", "https://evil.example").expect_error("cross_site").await;
    room().header("origin", "null").expect_error("cross_site").await;
    room().header("sec-fetch-site", "cross-site").expect_error("cross_site").await;
    room().header("sec-fetch-site", "same-site").expect_error("cross_site").await;
    assert_eq!(ada.get("/rooms").expect(200).await["items"].as_array().unwrap().len(), 1);
    // Requests with a token are not sent by a foreign site, and reads change nothing.
    let body = json!({ "name": "Kitchen" });
    ada.post("/rooms", &body).header("origin", "https://evil.example").expect(201).await;
    let read = server.get("/sync").header("cookie", &session_cookies(&ada)).header("sec-fetch-site", "cross-site");
    read.expect(200).await;
    room().header("sec-fetch-site", "same-origin").expect_error("room_name_taken").await;
}

#[tokio::test]
async fn forms_are_accepted_only_from_the_same_origin() {
    let server = Server::start().await;
    for path in ["//do/auth/sign-in", "//do/auth/sign-up"] {
        let form = || server.post(path).body("application/x-www-form-urlencoded", "login=ada&password=x");
        form().expect_error("cross_site").await;
        form().header("origin", "https://evil.example").expect_error("cross_site").await;
    }
}

#[tokio::test]
async fn a_socket_with_cookies_opens_only_from_the_same_origin() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let address = server.api.address;
    let own = format!("http://{address}");
    let open = async |origin: Option<&str>| {
        let mut headers = vec![("cookie", session_cookies(&ada))];
        headers.extend(origin.map(|origin| ("origin", origin.to_owned())));
        handshake(address, "", &headers).await
    };
    assert!(open(Some(&own)).await.is_ok());
    for origin in [None, Some("https://evil.example"), Some("null")] {
        assert_eq!(open(origin).await.unwrap_err().status(), 403, "{origin:?}");
    }
    let token = format!("Bearer {}", ada.access_token);
    let headers = [("authorization", token), ("origin", "https://tool.example".into())];
    assert!(crate::harness::socket::handshake(address, "", &headers).await.is_ok());
    assert_eq!(crate::harness::socket::handshake(address, "", &[]).await.unwrap_err().status(), 401);
}

#[tokio::test]
async fn over_tls_cookies_are_secure_and_hsts_is_sent() {
    let mut server = Server::start().await;
    let ada = server.create_user("ada").await;
    server.raw.public_url = Some("https://chat.example.org".into());
    server.restart().await;
    // Cookies without the prefix are ignored, because another subdomain could have set them.
    let sync = async |cookies: &str| server.get("/sync").header("cookie", cookies).send().await;
    assert_eq!(sync(&session_cookies(&ada)).await.json()["code"], "not_signed_in");
    let response = sync(&format!("__Host-lair_refresh={}", ada.refresh_token)).await;
    assert_eq!(cookies(&response).len(), 2, "{response:?}");
    for cookie in cookies(&response) {
        assert!(cookie.starts_with("__Host-lair_") && cookie.ends_with("; Secure"), "{cookie}");
    }
    // Neighbours below this name may have no TLS.
    assert_eq!(response.header("strict-transport-security"), "max-age=63072000");
    let access = format!("__Host-lair_access={}", ada.access_token);
    let room = server.post("/rooms").header("cookie", &access).json(&json!({ "name": "Kitchen" }));
    room.header("origin", "https://chat.example.org").expect(201).await;
}

#[tokio::test]
async fn cors_allows_only_configured_origins() {
    let raw = RawConfig { allowed_origins: Some(vec!["https://tools.example".into()]), ..RawConfig::default() };
    let server = Server::start_with(raw).await;
    let preflight = |origin| {
        let request = server.request("OPTIONS", "/rooms").header("origin", origin);
        request
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization")
            .send()
    };
    let response = preflight("https://tools.example").await;
    assert_eq!(response.header("access-control-allow-origin"), "https://tools.example");
    assert_eq!(response.header("access-control-allow-credentials"), "");
    assert_eq!(preflight("https://evil.example").await.header("access-control-allow-origin"), "");
    // An allowed origin cannot use cookies.
    let ada = server.create_user("ada").await;
    let room = server.post("/rooms").header("cookie", &session_cookies(&ada)).json(&json!({ "name": "Kitchen" }));
    room.header("origin", "https://tools.example").expect_error("cross_site").await;
    // An unknown path too: without the header, scripts would see a network error instead of the 404.
    for path in ["/health", "/nothing", "//api/v2/rooms", "//api/"] {
        let response = server.get(path).header("origin", "https://tools.example").send().await;
        assert_eq!(response.header("access-control-allow-origin"), "https://tools.example", "{path}");
    }
    let closed = Server::start().await;
    let response = closed.request("OPTIONS", "/rooms").header("origin", "https://tools.example").send().await;
    assert_eq!(response.header("access-control-allow-origin"), "");
}
