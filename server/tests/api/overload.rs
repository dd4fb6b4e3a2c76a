//! A full queue of the ledger over HTTP and the socket: 503 with `Retry-After`, and nothing is stored.

use crate::harness::{
    PASSWORD, Response, Server,
    full_queue::{LedgerLock, fill},
};
use futures::future::join_all;
use serde_json::json;
use std::path::Path;

fn expect_busy(response: &Response) {
    assert_eq!((response.status.as_u16(), &response.json()["code"]), (503, &json!("busy")), "{}", response.text);
    assert_eq!(response.header("retry-after"), "1");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_queue_is_503_with_retry_after_and_nothing_is_stored() {
    let server = Server::start().await;
    let ada = server.create_user("ada").await;
    let (lobby, mut socket, before) = (ada.lobby().await, ada.listen(None).await, ada.cursor().await);
    let caller = server.service().authenticate(&ada.access_token).await.unwrap();
    let data = server.raw.data.clone().unwrap();
    let lock = LedgerLock::sqlite(Path::new(&data)).await;
    let waiting = fill(server.service(), &caller, lobby.parse().unwrap()).await;

    let send = || ada.post(&format!("/rooms/{lobby}/messages"), &json!({ "body": "hello", "client_id": "one" }));
    let create = || ada.post("/rooms", &json!({ "name": "Den", "visibility": "public" }));
    let register = || server.post("/auth/register").json(&json!({ "username": "mara", "password": PASSWORD }));
    for request in [send(), create(), register()] {
        expect_busy(&request.send().await);
    }
    let command = json!({ "type": "message.send", "room_id": lobby, "body": "hello", "client_id": "two" });
    let refused = socket.request(command.clone()).await;
    assert_eq!(refused["error"]["code"], "busy", "{refused}");
    lock.release().await;
    join_all(waiting).await;

    assert_eq!(ada.cursor().await, before, "no event");
    for request in [send(), create(), register()] {
        request.expect(201).await;
    }
    assert_eq!(socket.request(command).await["type"], "ack");
    let history = ada.get(&format!("/rooms/{lobby}/messages")).expect(200).await;
    let texts = history["items"].as_array().unwrap().iter().filter(|message| message["kind"] == "text");
    let names: Vec<_> = texts.map(|message| &message["client_id"]).collect();
    assert_eq!(names, ["one", "two"]);
}
