//! A client that reads too slowly is cut off, holds up nobody, and resumes without loss.

use crate::harness::Server;
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

#[tokio::test]
async fn a_slow_reader_is_cut_off_and_resumes() {
    let server = Server::start().await;
    let [ada, mara, tomas, _] = server.people().await;
    let lobby = ada.lobby().await;
    let cursor = mara.cursor().await;
    let mut slow = mara.listen(Some(&cursor)).await;
    let (mut sender, mut quick) = (ada.listen(None).await, tomas.listen(None).await);
    let long = "words ".repeat(2000);
    let last = "the last";
    let sending = async {
        // Enough to fill every buffer between here and a client that does not read.
        for number in 0..3000 {
            let send = json!({ "type": "message.send", "room_id": lobby, "body": long, "client_id": number.to_string() });
            sender.command(send).await;
            if number % 16 == 0 {
                while sender.next_of("ack").await["id"].as_i64() < Some(number) {}
            }
        }
        let send = json!({ "type": "message.send", "room_id": lobby, "body": last, "client_id": "last" });
        sender.ask(send).await
    };
    let (_, heard) = timeout(Duration::from_secs(120), async { tokio::join!(sending, quick.bodies_until(last)) })
        .await
        .expect("nobody waits for the slow one");
    assert_eq!(heard.len(), 3001);

    let (mut seqs, mut cursor) = (Vec::new(), cursor);
    let mut cut_off = false;
    while seqs.last() != Some(&3001) {
        match slow.next_or_end().await {
            Ok(frame) if frame["type"] == "message.created" => {
                seqs.push(frame["data"]["seq"].as_i64().unwrap());
                cursor = frame["cursor"].as_str().unwrap().to_owned();
            }
            Ok(_) => {}
            Err((code, reason)) => {
                assert!(matches!(code, 1013 | 0), "{code} {reason}");
                cut_off = true;
                slow = mara.listen(Some(&cursor)).await;
                assert_eq!(slow.hello["resumed"], true);
            }
        }
    }
    assert!(cut_off, "the slow reader was never cut off");
    assert_eq!(seqs, (1..=3001).collect::<Vec<_>>());
}
