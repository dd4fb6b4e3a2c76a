//! How many connections are open at once: sockets and polls, by account and by network.

use crate::harness::{Response, Server, TestUser, socket::handshake};
use futures::future::select;
use serde_json::json;
use server::config::RawConfig;

async fn start_with_limits(raw: RawConfig) -> Server {
    Server::start_with(RawConfig { rate_limits: Some("on".into()), ..raw }).await
}

/// Asks for a socket, and is refused for how many are open; answers what is said about it.
async fn expect_refused_socket(person: &TestUser) -> String {
    let handshake = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let ask = handshake.into_iter().fold(person.get("/ws"), |ask, (name, value)| ask.header(name, value));
    expect_too_many_connections(&ask.send().await)
}

fn expect_too_many_connections(answer: &Response) -> String {
    let problem = answer.json();
    assert_eq!((answer.status.as_u16(), &problem["code"]), (429, &json!("too_many_connections")));
    assert_eq!((answer.header("retry-after"), &problem["retry_after"]), ("30", &json!(30)));
    problem["detail"].as_str().unwrap().to_owned()
}

/// Opens a socket as soon as there is room for it: nothing tells when the server has seen that another is gone.
async fn open_when_possible(person: &TestUser) -> impl Sized {
    let headers = [("authorization", format!("Bearer {}", person.access_token))];
    loop {
        if let Ok(wire) = handshake(person.api.address, "", &headers).await {
            return wire;
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
    // On another device it is the same account; others are not touched, and what is open goes on.
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
    // Behind a proxy the first of them would have needed the set-up code.
    server.raw.trusted_proxies = Some(vec!["127.0.0.1".into()]);
    server.restart().await;
    let cursor = ada.cursor().await;
    let poll = || Box::pin(ada.get(&format!("/sync/events?after={cursor}&wait=60")).send());
    let _socket = ada.listen(None).await;
    // There is room for one of two: it waits, and the other is answered.
    let (answer, waiting) = select(poll(), poll()).await.factor_first();
    assert!(expect_too_many_connections(&answer).starts_with("Your account has 2 connections open"));
    let _third = mara.listen(None).await;
    let detail = expect_refused_socket(&tomas).await;
    assert!(detail.starts_with("Your network has 3 connections open"), "{detail}");
    // Each address behind the proxy is counted by itself, the addresses of one IPv6 network together.
    let token = ("authorization", format!("Bearer {}", tomas.access_token));
    let from = |address: &str| [token.clone(), ("x-forwarded-for", address.to_owned())];
    let mut elsewhere = Vec::new();
    for address in ["2001:db8::1", "2001:db8::2"] {
        elsewhere.push(handshake(server.api.address, "", &from(address)).await.expect("an open socket"));
    }
    drop(waiting);
    drop(elsewhere);
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
