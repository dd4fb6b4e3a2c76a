//! A client that reads too slowly is disconnected, does not block others, and resumes without loss.

use crate::harness::{Server, Socket};
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

/// Messages sent while a client does not read: more than the service queues for one client and all buffers in between
/// hold.
struct Load {
    messages: i64,
    body: String,
    /// How many messages are sent before the first one must be acknowledged.
    in_flight: i64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_reader_is_disconnected_and_can_resume() {
    disconnect_and_resume(Load { messages: 5_000, body: "words ".repeat(500), in_flight: 32 }).await;
}

/// Few frames, but each is ten times as large as the message body.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_behind_by_a_few_large_messages_is_disconnected() {
    disconnect_and_resume(Load { messages: 120, body: "http://a ".repeat(1_700), in_flight: 2 }).await;
}

async fn disconnect_and_resume(Load { messages, body, in_flight }: Load) {
    let server = Server::start().await;
    let [ada, mara, tomas, _] = server.create_users().await;
    let lobby = ada.lobby().await;
    let head = ada.get(&format!("/rooms/{lobby}")).expect(200).await["head"].as_i64().expect("a number");
    let mut cursor = mara.cursor().await;
    let mut slow = Socket::open_with_small_buffer(&mara, Some(&cursor)).await;
    let (mut sender, mut quick) = (ada.listen(None).await, tomas.listen(None).await);
    for socket in [&mut slow, &mut sender, &mut quick] {
        socket.validate_frames = false;
    }
    let sending = async {
        for number in 1..=messages {
            let name = number.to_string();
            sender
                .send_command(json!({ "type": "message.send", "room_id": lobby, "body": body, "client_id": name }))
                .await;
            if number > in_flight {
                assert_eq!(sender.next_of_type("ack").await["id"], number - in_flight);
            }
        }
    };
    let receiving = async {
        for seq in 1..=messages {
            assert_eq!(quick.next_of_type("message.created").await["data"]["seq"], head + seq);
        }
    };
    let both = timeout(Duration::from_mins(2), async { tokio::join!(sending, receiving) });
    both.await.expect("the slow reader blocks nobody");

    let (mut received, mut disconnected) = (0, false);
    while received < messages {
        match slow.next_or_close().await {
            Ok(frame) if frame["type"] == "message.created" => {
                received += 1;
                assert_eq!(frame["data"]["seq"], head + received);
                frame["cursor"].as_str().expect("a cursor").clone_into(&mut cursor);
            }
            Ok(_) => {}
            Err((code, reason)) => {
                assert!(matches!(code, 1013 | 0), "{code} {reason}");
                disconnected = true;
                slow = mara.listen(Some(&cursor)).await;
                assert_eq!(slow.hello["resumed"], true);
            }
        }
    }
    assert!(disconnected, "the slow reader was never disconnected");
}
