//! Concurrent and aborted page requests.

use super::process::Process;
use crate::harness::TestUser;
use futures::future::join_all;
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
