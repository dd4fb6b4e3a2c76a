//! How many connections are open at once: sockets and polls, by account and by network.

use crate::harness::{Answer, Person, Server, socket::knock};
use futures::future::select;
use serde_json::json;
use server::config::Raw;

async fn limited(raw: Raw) -> Server {
    Server::start_with(Raw { rate_limits: Some("on".into()), ..raw }).await
}

/// Asks for a socket, and is refused for how many are open; answers what is said about it.
async fn refused(person: &Person) -> String {
    let handshake = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let ask = handshake.into_iter().fold(person.get("/ws"), |ask, (name, value)| ask.header(name, value));
    told(&ask.send().await)
}

fn told(answer: &Answer) -> String {
    let problem = answer.json();
    assert_eq!((answer.status.as_u16(), &problem["code"]), (429, &json!("too_many_connections")));
    assert_eq!((answer.header("retry-after"), &problem["retry_after"]), ("30", &json!(30)));
    problem["detail"].as_str().unwrap().to_owned()
}

/// Opens a socket as soon as there is room for it: nothing tells when the server has seen that another is gone.
async fn open_soon(person: &Person) -> impl Sized {
    let headers = [("authorization", format!("Bearer {}", person.access_token))];
    loop {
        if let Ok(wire) = knock(person.at.address, "", &headers).await {
            return wire;
        }
    }
}

#[tokio::test]
async fn an_account_has_so_many_sockets_and_one_that_closes_makes_room() {
    let server = limited(Raw { limit_account_connections: Some("3".into()), ..Raw::default() }).await;
    let (ada, mara) = (server.person("ada").await, server.person("mara").await);
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(ada.listen(None).await);
    }
    let detail = refused(&ada).await;
    assert!(detail.starts_with("Your account has 3 connections open"), "{detail}");
    // On another device it is the same account; others are not touched, and what is open goes on.
    refused(&ada.sign_in_again().await).await;
    let _hers = mara.listen(None).await;
    assert_eq!(open[0].ask(json!({ "type": "ping" })).await["type"], "ack");
    open.pop().unwrap().wire.close(None).await.unwrap();
    let _fourth = open_soon(&ada).await;
    refused(&ada).await;
}

#[tokio::test]
async fn a_poll_that_waits_counts_and_so_does_a_network() {
    let raw = Raw {
        limit_account_connections: Some("2".into()),
        limit_address_connections: Some("3".into()),
        ..Raw::default()
    };
    let mut server = limited(raw).await;
    let (ada, mara, tomas) = (server.person("ada").await, server.person("mara").await, server.person("tomas").await);
    // Behind a proxy the first of them would have needed the set-up code.
    server.raw.trusted_proxies = Some(vec!["127.0.0.1".into()]);
    server.restart().await;
    let cursor = ada.cursor().await;
    let poll = || Box::pin(ada.get(&format!("/sync/events?after={cursor}&wait=60")).send());
    let _socket = ada.listen(None).await;
    // There is room for one of two: it waits, and the other is answered.
    let (answer, waiting) = select(poll(), poll()).await.factor_first();
    assert!(told(&answer).starts_with("Your account has 2 connections open"));
    let _third = mara.listen(None).await;
    let detail = refused(&tomas).await;
    assert!(detail.starts_with("Your network has 3 connections open"), "{detail}");
    // Each address behind the proxy is counted by itself, the addresses of one IPv6 network together.
    let token = ("authorization", format!("Bearer {}", tomas.access_token));
    let from = |address: &str| [token.clone(), ("x-forwarded-for", address.to_owned())];
    let mut elsewhere = Vec::new();
    for address in ["2001:db8::1", "2001:db8::2"] {
        elsewhere.push(knock(server.at.address, "", &from(address)).await.expect("an open socket"));
    }
    drop(waiting);
    drop(elsewhere);
    drop(open_soon(&tomas).await);
}

#[tokio::test]
async fn a_load_test_may_open_as_many_as_it_likes() {
    let raw = Raw {
        rate_limits: Some("off".into()),
        limit_account_connections: Some("1".into()),
        limit_address_connections: Some("1".into()),
        ..Raw::default()
    };
    let server = Server::start_with(raw).await;
    let ada = server.person("ada").await;
    let _open = (ada.listen(None).await, ada.listen(None).await);
}
