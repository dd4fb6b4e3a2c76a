//! What waits for one connection: a queue that the hub writes to and a listener reads from, bounded in frames and bytes.

use crate::{CloseReason, events::hub::Hub};
use bytes::Bytes;
use protocol::id::SessionId;
use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicUsize, Ordering},
};
use tokio::sync::mpsc;

/// Bytes that wait for one connection; with more it is cut off to resume by its cursor. Several batches of the ledger fit.
/// What many are told is shared, and counts for each: it is the slowest of them that keeps it.
pub const QUEUE_BYTES: usize = 2 * 1024 * 1024;
/// A frame counts as no less, so that at most 4,096 wait: one bound for both.
pub const MIN_FRAME_BYTES: usize = 512;

/// One event on its way to one listener; the bytes are shared by all. What only passes by, such as who comes and goes, has
/// no position in the stream.
#[derive(Clone, Debug)]
pub struct Frame {
    pub position: Option<i64>,
    pub bytes: Bytes,
}

/// Events that follow each other and have the same audience: queued to each listener as one thing.
pub type Frames = Arc<[Frame]>;

/// How much of a queue a burst takes.
pub fn size(frames: &[Frame]) -> usize {
    frames.iter().map(|frame| frame.bytes.len().max(MIN_FRAME_BYTES)).sum()
}

/// What both ends of a queue know. The bound is in bytes, so it is kept beside the channel.
#[derive(Debug, Default)]
pub struct Shared {
    queued_bytes: AtomicUsize,
    /// Where the connection is among those of its person. Read and written only while the hub is locked.
    position: AtomicUsize,
    close_reason: OnceLock<CloseReason>,
}

/// The end of a queue that the hub writes to.
#[derive(Debug)]
pub struct ConnectionSender {
    pub session: SessionId,
    frames: mpsc::UnboundedSender<Frames>,
    pub shared: Arc<Shared>,
}

impl ConnectionSender {
    /// Queues a burst whose [`size`] the caller knows; false when the listener is too slow. A burst fits into an empty queue
    /// however large it is: whoever keeps up is not cut off for what others say.
    pub fn push(&self, frames: &Frames, size: usize) -> bool {
        let before = self.shared.queued_bytes.fetch_add(size, Ordering::Relaxed);
        if before > 0 && before + size > QUEUE_BYTES {
            return false;
        }
        // One that is gone is removed by its own end.
        let _ = self.frames.send(frames.clone());
        true
    }

    /// Says why the queue ends, before it is dropped: its listener reads what is in it, and then this.
    pub fn close(&self, reason: CloseReason) {
        let _ = self.shared.close_reason.set(reason);
    }
}

/// The end of a queue that a listener reads from; dropping it tells the hub.
#[derive(Debug)]
pub struct ConnectionReceiver {
    /// Where the hub keeps the person.
    pub(super) slot: usize,
    pub(super) shared: Arc<Shared>,
    hub: Arc<Hub>,
    frames: mpsc::UnboundedReceiver<Frames>,
}

/// The connections of a person: a plain list, in which each knows its position.
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

    /// Takes a connection out, if it is here; the last of the list gets its position.
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

/// Both ends of a queue. The hub says where it keeps the person.
pub fn queue(hub: &Arc<Hub>, session: SessionId) -> (ConnectionSender, ConnectionReceiver) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared::default());
    let connection = ConnectionSender { session, frames: sender, shared: shared.clone() };
    (connection, ConnectionReceiver { slot: usize::MAX, shared, hub: hub.clone(), frames: receiver })
}

impl ConnectionReceiver {
    /// Waits for bursts and appends up to `limit` of them; 0 when no more come. When the caller stops waiting nothing is
    /// lost.
    pub async fn receive(&mut self, batches: &mut Vec<Frames>, limit: usize) -> usize {
        let before = batches.len();
        let count = self.frames.recv_many(batches, limit).await;
        let taken = batches.iter().skip(before).map(|burst| size(burst)).sum();
        self.shared.queued_bytes.fetch_sub(taken, Ordering::Relaxed);
        count
    }

    /// Why no more frames come.
    pub fn close_reason(&self) -> CloseReason {
        self.shared.close_reason.get().copied().unwrap_or(CloseReason::Failed)
    }

    /// What waits, without waiting for more.
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
