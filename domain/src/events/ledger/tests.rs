use crate::events::ledger::*;
use futures::poll;
use protocol::id::ClientId;
use std::task::Poll;

/// A message whose links make it as large in the queue as possible.
fn large() -> NewMessage {
    NewMessage {
        author: UserId(Uuid::nil()),
        room_id: RoomId(Uuid::nil()),
        client_id: ClientId("one".into()),
        body: "x".repeat(16_000),
        body_hash: 0,
        html: "x".repeat(160_000),
    }
}

const SIZE: usize = 176_000 + COMMAND_BYTES;

#[tokio::test]
async fn queue_is_bounded_in_bytes_and_finished_commands_free_them() {
    let (jobs, mut queue) = mpsc::channel(QUEUE);
    let ledger = Ledger { jobs, byte_budget: Arc::new(Semaphore::new(QUEUE_BYTES)) };
    let mut waiting = Vec::new();
    let refused = loop {
        let mut sending = Box::pin(ledger.send(large()));
        match poll!(&mut sending) {
            Poll::Pending => waiting.push(sending),
            Poll::Ready(result) => break result.unwrap_err(),
        }
    };
    assert_eq!((refused.code, waiting.len()), (Code::Busy, QUEUE_BYTES / SIZE));
    // A batch reaches its byte limit long before its command limit.
    let batch = batch::next_batch(&mut queue).await.unwrap();
    assert_eq!(batch.len(), batch::BATCH_BYTES.div_ceil(SIZE));
    assert!(
        matches!(poll!(Box::pin(ledger.send(large()))), Poll::Ready(Err(_))),
        "the commands of the batch are not finished yet"
    );
    let done = batch.len();
    drop(batch);
    for _ in 0..done {
        let mut sending = Box::pin(ledger.send(large()));
        assert!(poll!(&mut sending).is_pending());
        waiting.push(sending);
    }
}
