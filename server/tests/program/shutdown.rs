//! Graceful shutdown.

use super::process::Process;
use crate::harness::{PASSWORD, Request, TestUser};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

#[tokio::test]
async fn sigterm_closes_sockets_and_exits_with_success() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Process::start(data.path(), "127.0.0.1:0").await;
    let ada = TestUser::register(&process.api, "ada").await;
    let lobby = ada.lobby().await;
    let mut socket = ada.listen(None).await;
    let send = json!({ "type": "message.send", "room_id": lobby, "body": "the last word", "client_id": "a" });
    let ack = socket.request(send).await;
    process.terminate().await;
    assert_eq!(socket.wait_for_close().await.0, 1012);
    let status = timeout(Duration::from_secs(10), process.child.wait()).await.expect("within ten seconds").unwrap();
    assert!(status.success(), "{status}");

    let process = Process::start(data.path(), "127.0.0.1:0").await;
    let tokens =
        Request::new(&process.api, "POST", "/auth/login").json(&json!({ "login": "ada", "password": PASSWORD }));
    let ada = TestUser::from_tokens(&process.api, &tokens.expect(200).await);
    let page = ada.get(&format!("/rooms/{lobby}/messages")).expect(200).await;
    // The first is the line that she joined.
    assert_eq!((&page["items"][1]["id"], &page["items"][2]), (&ack["data"]["message_id"], &Value::Null));
}
