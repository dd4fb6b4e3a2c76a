//! Many pages at once, and pages that nobody waits for any more.

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
        let ask = || ada.get(path).header("accept", "text/html").send();
        for answer in join_all((0..32).map(|_| ask())).await {
            assert_eq!(answer.status, 200);
            assert!(answer.text.contains("the hearth is lit") && answer.text.contains("</html>"), "{}", answer.text);
        }
        // Given up at every stage: before anything is read of it, halfway, and when it is almost there.
        join_all((0..200).map(|n| abandon(&ada, path, Duration::from_micros(n * 100)))).await;
    }
    process.terminate().await;
    while let Some(line) = process.log.recv().await {
        assert!(!line.contains("ERROR") && !line.contains("panicked"), "{line}");
    }
}

/// Asks for a page, and hangs up when there is no answer within the patience.
async fn abandon(person: &TestUser, path: &str, max_wait: Duration) {
    let mut stream = TcpStream::connect(person.api.address).await.unwrap();
    let request = format!(
        "GET {} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\r\n",
        &path[1..],
        person.api.address,
        person.access_token
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    // Whether a part of the answer came in time is all the same.
    let _ = timeout(max_wait, stream.read(&mut [0; 1024])).await;
}
