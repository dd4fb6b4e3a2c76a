//! Limits on concurrent sockets and polls, by account and by network.

use crate::harness::{Response, Server, TestUser, socket::handshake};
use futures::future::select;
use serde_json::json;
use server::config::RawConfig;

async fn start_with_limits(raw: RawConfig) -> Server {
    Server::start_with(RawConfig { rate_limits: Some("on".into()), ..raw }).await
}

/// Expects that a socket is rejected because too many are open; returns the error text.
async fn expect_refused_socket(user: &TestUser) -> String {
    let handshake = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let request = handshake.into_iter().fold(user.get("/ws"), |request, (name, value)| request.header(name, value));
    expect_too_many_connections(&request.send().await)
}

fn expect_too_many_connections(response: &Response) -> String {
    let problem = response.json();
    assert_eq!((response.status.as_u16(), &problem["code"]), (429, &json!("too_many_connections")));
    assert_eq!((response.header("retry-after"), &problem["retry_after"]), ("30", &json!(30)));
    problem["detail"].as_str().unwrap().to_owned()
}

/// Opens a socket as soon as possible: a test cannot know when the server has noticed that another one was closed.
async fn open_when_possible(user: &TestUser) -> impl Sized {
    let headers = [("authorization", format!("Bearer {}", user.access_token))];
    loop {
        if let Ok(stream) = handshake(user.api.address, "", &headers).await {
            return stream;
        }
    }
}

#[tokio::test]
async fn sockets_per_account_are_limited_and_closing_one_frees_a_slot() {
    let server =
        start_with_limits(RawConfig { limit_account_connections: Some("3".into()), ..RawConfig::default() }).await;
    let (ada, mara) = (server.create_user("ada").await, server.create_user("mara").await);
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(ada.listen(None).await);
    }
    let detail = expect_refused_socket(&ada).await;
    assert!(detail.starts_with("Your account has 3 connections open"), "{detail}");
    // Other devices of the account share its limit; other accounts and open connections are not affected.
    expect_refused_socket(&ada.login_again().await).await;
    let _hers = mara.listen(None).await;
    assert_eq!(open[0].request(json!({ "type": "ping" })).await["type"], "ack");
    open.pop().unwrap().stream.close(None).await.unwrap();
    let _fourth = open_when_possible(&ada).await;
    expect_refused_socket(&ada).await;
}

#[tokio::test]
async fn waiting_polls_count_and_networks_are_limited() {
    let raw = RawConfig {
        limit_account_connections: Some("2".into()),
        limit_address_connections: Some("3".into()),
        ..RawConfig::default()
    };
    let mut server = start_with_limits(raw).await;
    let (ada, mara, tomas) =
        (server.create_user("ada").await, server.create_user("mara").await, server.create_user("tomas").await);
    // Behind a proxy, the first account would have needed the setup code.
    server.raw.trusted_proxies = Some(vec!["127.0.0.1".into()]);
    server.restart().await;
    let cursor = ada.cursor().await;
    let poll = || Box::pin(ada.get(&format!("/sync/events?after={cursor}&wait=60")).send());
    let _socket = ada.listen(None).await;
    // One of the two polls may wait; the other gets a response at once.
    let (response, waiting) = select(poll(), poll()).await.factor_first();
    assert!(expect_too_many_connections(&response).starts_with("Your account has 2 connections open"));
    let _third = mara.listen(None).await;
    let detail = expect_refused_socket(&tomas).await;
    assert!(detail.starts_with("Your network has 3 connections open"), "{detail}");
    // Each address behind the proxy is counted separately, the addresses of one IPv6 network as one.
    let token = ("authorization", format!("Bearer {}", tomas.access_token));
    let from = |address: &str| [token.clone(), ("x-forwarded-for", address.to_owned())];
    let mut sockets = Vec::new();
    for address in ["2001:db8::1", "2001:db8::2"] {
        sockets.push(handshake(server.api.address, "", &from(address)).await.expect("an open socket"));
    }
    drop(waiting);
    drop(sockets);
    drop(open_when_possible(&tomas).await);
}

#[tokio::test]
async fn connection_limits_can_be_switched_off() {
    let raw = RawConfig {
        rate_limits: Some("off".into()),
        limit_account_connections: Some("1".into()),
        limit_address_connections: Some("1".into()),
        ..RawConfig::default()
    };
    let server = Server::start_with(raw).await;
    let ada = server.create_user("ada").await;
    let _open = (ada.listen(None).await, ada.listen(None).await);
}
