//! Concurrent and aborted page requests.

use super::process::{Process, lair_command};
use crate::harness::{Request, TestUser};
use futures::future::join_all;
use serde_json::Value;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

#[tokio::test]
async fn concurrent_pages_are_complete_and_aborted_ones_cause_no_errors() {
    let data = tempfile::tempdir().unwrap();
    let mut process = Process::start(data.path(), "127.0.0.1:0").await;
    let ada = TestUser::register(&process.api, "ada").await;
    let lobby = ada.lobby().await;
    ada.send_message(&lobby, "the hearth is lit").await;
    let room = format!("//rooms/{lobby}");
    for path in [&room, &format!("{room}/members")] {
        let request = || ada.get(path).header("accept", "text/html").send();
        for response in join_all((0..32).map(|_| request())).await {
            assert_eq!(response.status, 200);
            assert!(
                response.text.contains("the hearth is lit") && response.text.contains("</html>"),
                "{}",
                response.text
            );
        }
        // Aborted at every stage: before the request is read, halfway, and when the response is almost complete.
        join_all((0..200).map(|n| abandon(&ada, path, Duration::from_micros(n * 100)))).await;
    }
    process.terminate().await;
    while let Some(line) = process.log.recv().await {
        assert!(!line.contains("ERROR") && !line.contains("panicked"), "{line}");
    }
}

/// Requests a page, and closes the connection if there is no response within this time.
async fn abandon(user: &TestUser, path: &str, max_wait: Duration) {
    let mut stream = TcpStream::connect(user.api.address).await.unwrap();
    let request = format!(
        "GET {} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\r\n",
        &path[1..],
        user.api.address,
        user.access_token
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    // It does not matter whether a part of the response came in time.
    let _ = timeout(max_wait, stream.read(&mut [0; 1024])).await;
}

#[tokio::test]
async fn a_room_page_takes_two_statements() {
    const TABLES: [&str; 6] =
        ["from users", "from rooms", "from messages", "from members", "from service", "from blocks"];
    let data = tempfile::tempdir().unwrap();
    let mut command = lair_command(data.path());
    command.env("LAIR_LOG", "json").env("RUST_LOG", "info,sqlx=debug");
    let mut process = Process::start_with(&mut command, data.path(), "127.0.0.1:0").await;
    let ada = TestUser::register(&process.api, "ada").await;
    let lobby = ada.lobby().await;
    ada.send_message(&lobby, "the hearth is lit").await;
    let path = format!("//rooms/{lobby}");
    let request = |id: &str| {
        let cookies = format!("lair_access={}; lair_refresh={}", ada.access_token, ada.refresh_token);
        let request = Request::new(&process.api, "GET", &path).header("cookie", &cookies);
        request.header("accept", "text/html").header("x-request-id", id)
    };
    // The first page reads the session too, which stays in memory from then on.
    for id in ["the-first", "the-one"] {
        assert_eq!(request(id).send().await.status, 200);
    }
    process.terminate().await;
    let (mut statements, mut first_is_done) = (Vec::new(), false);
    while let Some(line) = process.log.recv().await {
        let line: Value = serde_json::from_str(&line).expect("every line is JSON");
        if line["message"] == "request completed" && line["span"]["id"] == "the-first" {
            first_is_done = true;
        } else if line["message"] == "request completed" && line["span"]["id"] == "the-one" {
            break;
        } else if let Some(statement) = line["db.statement"].as_str()
            && first_is_done
            && TABLES.iter().any(|table| statement.contains(table))
        {
            statements.push(statement.to_owned());
        }
    }
    assert_eq!(statements.len(), 2, "{statements:#?}");
}
