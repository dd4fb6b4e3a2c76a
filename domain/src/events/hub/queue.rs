//! Queue of one connection: the hub writes to it and a subscription reads from it; bounded in frames and bytes.

use crate::{CloseReason, events::hub::Hub};
use bytes::Bytes;
use protocol::id::SessionId;
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::mpsc;

/// Bytes queued for one connection; above this it is disconnected and must resume from its cursor. Several ledger
/// batches fit. A frame shared by many queues counts in each of them, since the slowest reader keeps it allocated.
pub const QUEUE_BYTES: usize = 2 * 1024 * 1024;
/// Minimum size that a frame counts, so that at most 4,096 frames are queued: one bound for both.
pub const MIN_FRAME_BYTES: usize = 512;

/// One event to deliver; the bytes are shared by all receivers. Ephemeral events, such as presence, have no position in
/// the stream.
#[derive(Clone, Debug)]
pub struct Frame {
    pub position: Option<i64>,
    pub bytes: Bytes,
}

/// Consecutive events with the same audience, queued to each connection as one item.
pub type Frames = Arc<[Frame]>;

/// Queue size of these frames.
pub fn size(frames: &[Frame]) -> usize {
    frames.iter().map(|frame| frame.bytes.len().max(MIN_FRAME_BYTES)).sum()
}

/// State shared by both ends of a queue. The bound is in bytes, so it is stored beside the channel.
#[derive(Debug, Default)]
pub struct Shared {
    queued_bytes: AtomicUsize,
    /// Index of the connection among those of its user. Read and written only while the hub is locked.
    position: AtomicUsize,
    close_reason: OnceLock<CloseReason>,
}

/// Sender of a queue, used by the hub.
#[derive(Debug)]
pub struct ConnectionSender {
    pub session: SessionId,
    frames: mpsc::UnboundedSender<Frames>,
    pub shared: Arc<Shared>,
}

impl ConnectionSender {
    /// Queues frames whose [`size`] the caller has computed; false when the reader is too slow. Frames of any size fit
    /// into an empty queue, so a reader that keeps up is never disconnected for the volume of others.
    pub fn push(&self, frames: &Frames, size: usize) -> bool {
        let before = self.shared.queued_bytes.fetch_add(size, Ordering::Relaxed);
        if before > 0 && before + size > QUEUE_BYTES {
            return false;
        }
        // A closed receiver removes itself from the hub.
        let _ = self.frames.send(frames.clone());
        true
    }

    /// Sets the close reason before the sender is dropped: the reader drains the queue, then gets the reason.
    pub fn close(&self, reason: CloseReason) {
        let _ = self.shared.close_reason.set(reason);
    }
}

/// Receiver of a queue, used by a subscription; dropping it unsubscribes from the hub.
#[derive(Debug)]
pub struct ConnectionReceiver {
    /// Slot of the user in the hub.
    pub(super) slot: usize,
    pub(super) shared: Arc<Shared>,
    hub: Arc<Hub>,
    frames: mpsc::UnboundedReceiver<Frames>,
}

/// Connections of one user: a plain list in which each connection knows its index.
#[derive(Debug, Default)]
pub struct ConnectionSenders(Vec<ConnectionSender>);

impl ConnectionSenders {
    pub fn add(&mut self, connection: ConnectionSender) {
        connection.shared.position.store(self.0.len(), Ordering::Relaxed);
        self.0.push(connection);
    }

    pub fn contains(&self, shared: &Arc<Shared>) -> bool {
        let connection = self.0.get(shared.position.load(Ordering::Relaxed));
        connection.is_some_and(|outlet| Arc::ptr_eq(&outlet.shared, shared))
    }

    /// Removes a connection if it is in the list; the last connection takes its index.
    pub fn remove(&mut self, shared: &Arc<Shared>) -> Option<ConnectionSender> {
        if !self.contains(shared) {
            return None;
        }
        let position = shared.position.load(Ordering::Relaxed);
        let connection = self.0.swap_remove(position);
        if let Some(moved) = self.0.get(position) {
            moved.shared.position.store(position, Ordering::Relaxed);
        }
        Some(connection)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, ConnectionSender> {
        self.0.iter()
    }
}

/// Creates both ends of a queue. The hub sets the user's slot afterwards.
pub fn queue(hub: &Arc<Hub>, session: SessionId) -> (ConnectionSender, ConnectionReceiver) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared::default());
    let connection = ConnectionSender { session, frames: sender, shared: shared.clone() };
    (connection, ConnectionReceiver { slot: usize::MAX, shared, hub: hub.clone(), frames: receiver })
}

impl ConnectionReceiver {
    /// Waits for frames and appends up to `limit` batches; 0 when the queue is closed. Cancel-safe: nothing is lost if
    /// the caller stops waiting.
    pub async fn receive(&mut self, batches: &mut Vec<Frames>, limit: usize) -> usize {
        let before = batches.len();
        let count = self.frames.recv_many(batches, limit).await;
        let taken = batches.iter().skip(before).map(|burst| size(burst)).sum();
        self.shared.queued_bytes.fetch_sub(taken, Ordering::Relaxed);
        count
    }

    /// Why the queue was closed.
    pub fn close_reason(&self) -> CloseReason {
        self.shared.close_reason.get().copied().unwrap_or(CloseReason::Failed)
    }

    /// Everything queued, without waiting for more.
    #[cfg(test)]
    pub fn drain(&mut self) -> Vec<Frames> {
        let batches: Vec<_> = std::iter::from_fn(|| self.frames.try_recv().ok()).collect();
        self.shared.queued_bytes.fetch_sub(batches.iter().map(|burst| size(burst)).sum(), Ordering::Relaxed);
        batches
    }
}

impl Drop for ConnectionReceiver {
    fn drop(&mut self) {
        self.hub.unsubscribe(self.slot, &self.shared);
    }
}
