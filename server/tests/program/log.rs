//! The server's log, and what it must never contain.

use super::process::{Process, lair_command};
use crate::harness::{PASSWORD, Request, TestUser};
use serde_json::{Value, json};

#[tokio::test]
async fn every_log_line_has_a_request_id_and_no_secret() {
    let data = tempfile::tempdir().unwrap();
    let mut command = lair_command(data.path());
    command.env("LAIR_LOG", "json").env("RUST_LOG", "debug");
    let mut process = Process::start_with(&mut command, data.path(), "127.0.0.1:0").await;
    let ada = TestUser::register(&process.api, "ada").await;
    let lobby = ada.lobby().await;
    ada.send_message(&lobby, "between us").await;
    let mut socket = ada.listen(None).await;
    let send = json!({ "type": "message.send", "room_id": lobby, "body": "between us two", "client_id": "a" });
    socket.request(send).await;
    let refresh =
        Request::new(&process.api, "POST", "/auth/refresh").json(&json!({ "refresh_token": ada.refresh_token }));
    let refreshed = TestUser::from_tokens(&ada.api, &refresh.expect(200).await);
    let cookies = format!("lair_access={}; lair_refresh={}", refreshed.access_token, refreshed.refresh_token);
    let with_cookies = Request::new(&process.api, "GET", "/sync").header("cookie", &cookies);
    with_cookies.expect(200).await;
    let path = format!("/sync?access_token={}", ada.access_token);
    ada.get(&path).header("x-request-id", "the-one").expect(200).await;
    let handed = ada.request("POST", &format!("/admin/users/{}/reset-password", ada.id)).expect(200).await;
    let reset_token = handed["url"].as_str().and_then(|url| url.split_once("token=")).expect("a token").1;
    let page = Request::new(&process.api, "GET", &format!("//reset?token={reset_token}")).header("accept", "text/html");
    assert_eq!(page.send().await.status, 200);
    process.terminate().await;

    let (mut lines, mut named) = (0, Vec::new());
    while let Some(line) = process.log.recv().await {
        for secret in [PASSWORD, "between us", &ada.access_token, &ada.refresh_token, reset_token] {
            assert!(!line.contains(secret), "{secret}: {line}");
        }
        for secret in [&refreshed.access_token, &refreshed.refresh_token] {
            assert!(!line.contains(secret.as_str()), "{secret}: {line}");
        }
        let line: Value = serde_json::from_str(&line).expect("every line is JSON");
        lines += 1;
        if line["span"]["id"] == "the-one" {
            named.push(line);
        }
    }
    let completed = named.iter().find(|line| line["message"] == "request completed").expect("a line about the request");
    assert_eq!((&completed["status"], &completed["span"]["path"]), (&json!(200), &json!("/api/v1/sync")));
    assert!(lines > 5);
}
