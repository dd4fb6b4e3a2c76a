//! Allowed host names: protects against DNS rebinding.

use crate::harness::{PASSWORD, Server, server::ApiClient};
use serde_json::json;
use server::config::RawConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// The response to this raw request.
async fn send_raw(api: &ApiClient, request: &str) -> String {
    let mut stream = TcpStream::connect(api.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).await.unwrap();
    response
}

#[tokio::test]
async fn dns_rebinding_is_rejected() {
    let server = Server::start().await;
    let form = server.post("//do/auth/sign-up").header("host", "evil.example:3000");
    let form = form.header("origin", "http://evil.example:3000").header("sec-fetch-site", "same-origin");
    let form = form.body("application/x-www-form-urlencoded", format!("username=evil&password={PASSWORD}"));
    form.expect_error("unknown_host").await;
    // The first account is an administrator, so no account was created before Ada's.
    server.create_user("ada").await.get("/admin/users").expect(200).await;
    for path in
        ["/rooms", "/health", "/ready", "/openapi.json", "/ws", "//nothing", "//api/docs/", "//sign-in", "//emoji.txt"]
    {
        let response = server.get(path).header("host", "evil.example").send().await;
        assert_eq!((response.status.as_u16(), response.content_type()), (421, "application/problem+json"), "{path}");
        assert!(!response.headers.contains_key("set-cookie"), "{path}");
    }
    let mara = json!({ "username": "mara", "password": PASSWORD });
    server.post("/auth/register").header("host", "evil.example").json(&mara).expect_error("unknown_host").await;
    server.post("/auth/register").json(&mara).expect(201).await;
}

#[tokio::test]
async fn ip_addresses_and_local_names_are_accepted() {
    let server = Server::start().await;
    for host in
        ["localhost", "localhost:3000", "lair.localhost", "127.0.0.1", "127.0.0.2:80", "[::1]:3000", "192.0.2.7"]
    {
        server.get("/health").header("host", host).expect(200).await;
    }
}

#[tokio::test]
async fn the_public_host_and_configured_hosts_are_accepted() {
    let raw = RawConfig {
        public_url: Some("http://chat.example.org".into()),
        allowed_hosts: Some(vec!["chat.lan".into()]),
        ..RawConfig::default()
    };
    let server = Server::start_with(raw).await;
    for host in ["chat.example.org", "chat.example.org:3000", "CHAT.LAN:3000"] {
        server.get("/health").header("host", host).expect(200).await;
    }
    for host in ["other.example.org", "example.org", "x.chat.lan"] {
        server.get("/health").header("host", host).expect_error("unknown_host").await;
    }
}

#[tokio::test]
async fn an_unknown_host_gets_a_page_with_the_settings_to_change() {
    let server = Server::start_on_all_interfaces().await;
    let page = server.get("//sign-in").header("host", "chat.lan:3000").header("accept", "text/html").send().await;
    assert_eq!((page.status.as_u16(), page.content_type()), (421, "text/html; charset=utf-8"));
    for setting in ["LAIR_PUBLIC_URL=http://chat.lan:3000", "LAIR_ALLOWED_HOSTS=chat.lan"] {
        assert!(page.text.contains(setting), "{}", page.text);
    }
    assert!(!page.text.contains("<a "), "a link would lead to this page again: {}", page.text);
}

#[tokio::test]
async fn the_page_for_an_unknown_host_has_the_style_of_the_others_and_leads_to_the_public_url() {
    let raw = RawConfig { public_url: Some("http://chat.example.org".into()), ..RawConfig::default() };
    let server = Server::start_with(raw).await;
    let get =
        async |path: &str| server.get(path).header("host", "evil.example").header("accept", "text/html").send().await;
    let page = get("//sign-in").await;
    assert!(page.text.contains("<a class=\"button primary\" href=\"http://chat.example.org\">"), "{}", page.text);
    assert!(page.header("content-security-policy").contains("style-src 'self'"));
    let style = page.text.split("rel=\"stylesheet\" href=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let style = get(&format!("/{style}")).await;
    assert_eq!((style.status.as_u16(), style.content_type()), (200, "text/css; charset=utf-8"));
    assert!(style.text.contains("@layer"), "{}", style.text);
}

#[tokio::test]
async fn the_host_in_the_request_line_is_checked_too() {
    let server = Server::start().await;
    let end = "Connection: close\r\n\r\n";
    for (request, status) in [
        ("GET http://evil.example/api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n", 421),
        ("GET http://127.0.0.1/api/v1/health HTTP/1.1\r\nHost: evil.example\r\n", 421),
        ("GET http://127.0.0.1/api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\n", 200),
        ("GET /api/v1/health HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n", 421),
        ("GET /api/v1/health HTTP/1.0\r\n", 200),
    ] {
        let response = send_raw(&server.api, &format!("{request}{end}")).await;
        assert_eq!(response.split(' ').nth(1), Some(status.to_string().as_str()), "{request}: {response}");
    }
}
