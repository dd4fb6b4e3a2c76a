//! Queue of one connection: the hub writes to it and a subscription reads from it; bounded in frames and bytes.

use crate::{CloseReason, events::hub::Hub};
use bytes::Bytes;
use protocol::{id::SessionId, text_frame};
use serde::Serialize;
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

/// Consecutive events with the same audience, queued to each connection as one item: the text frames of a WebSocket, one
/// after the other.
#[derive(Clone, Debug)]
pub struct Frames {
    /// All frames.
    pub bytes: Bytes,
    /// Position of each event, and where its frame ends. Ephemeral events, such as presence, have no position in the
    /// stream.
    events: Vec<(Option<i64>, usize)>,
    /// What they count in a queue.
    pub size: usize,
}

impl Frames {
    /// The last position, if all events have one and come after `last_sent`.
    pub fn last_position_if_after(&self, last_sent: i64) -> Option<i64> {
        let in_stream = self.events.iter().all(|(position, _)| position.is_some());
        let first = self.events.first().and_then(|(position, _)| *position);
        self.events.last().filter(|_| in_stream && first > Some(last_sent)).and_then(|(position, _)| *position)
    }

    /// Position and frame of each event.
    pub fn iter(&self) -> impl Iterator<Item = (Option<i64>, Bytes)> {
        self.events.iter().scan(0, |start, (position, end)| {
            let frame = self.bytes.slice(*start..*end);
            *start = *end;
            Some((*position, frame))
        })
    }
}

/// Makes [`Frames`].
#[derive(Debug, Default)]
pub struct FrameWriter {
    bytes: Vec<u8>,
    json: Vec<u8>,
    events: Vec<(Option<i64>, usize)>,
    size: usize,
}

impl FrameWriter {
    /// Adds an event; one that cannot be serialised is left out.
    pub fn push(&mut self, position: Option<i64>, event: &impl Serialize) {
        self.json.clear();
        match serde_json::to_writer(&mut self.json, event) {
            Ok(()) => self.push_text(position),
            Err(error) => tracing::error!(%error, position, "cannot serialise an event"),
        }
    }

    /// Adds an event whose text has this size.
    #[cfg(test)]
    pub fn push_size(&mut self, position: Option<i64>, size: usize) {
        self.json = vec![b'x'; size];
        self.push_text(position);
    }

    fn push_text(&mut self, position: Option<i64>) {
        text_frame::push(&mut self.bytes, &self.json);
        self.events.push((position, self.bytes.len()));
        self.size += self.json.len().max(MIN_FRAME_BYTES);
    }

    /// The events added since the last call; `None` if there are none.
    pub fn take(&mut self) -> Option<Arc<Frames>> {
        let bytes = std::mem::take(&mut self.bytes).into();
        let events = std::mem::take(&mut self.events);
        let size = std::mem::take(&mut self.size);
        (!events.is_empty()).then(|| Arc::new(Frames { bytes, events, size }))
    }
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
    frames: mpsc::UnboundedSender<Arc<Frames>>,
    pub shared: Arc<Shared>,
}

impl ConnectionSender {
    /// Queues frames; false when the reader is too slow. Frames of any size fit into an empty queue, so a reader that
    /// keeps up is never disconnected for the volume of others.
    pub fn push(&self, frames: &Arc<Frames>) -> bool {
        let before = self.shared.queued_bytes.fetch_add(frames.size, Ordering::Relaxed);
        if before > 0 && before + frames.size > QUEUE_BYTES {
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
    frames: mpsc::UnboundedReceiver<Arc<Frames>>,
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
    pub async fn receive(&mut self, batches: &mut Vec<Arc<Frames>>, limit: usize) -> usize {
        let before = batches.len();
        let count = self.frames.recv_many(batches, limit).await;
        let taken = batches.iter().skip(before).map(|frames| frames.size).sum();
        self.shared.queued_bytes.fetch_sub(taken, Ordering::Relaxed);
        count
    }

    /// Why the queue was closed.
    pub fn close_reason(&self) -> CloseReason {
        self.shared.close_reason.get().copied().unwrap_or(CloseReason::Failed)
    }

    /// Everything queued, without waiting for more.
    #[cfg(test)]
    pub fn drain(&mut self) -> Vec<Arc<Frames>> {
        let batches: Vec<_> = std::iter::from_fn(|| self.frames.try_recv().ok()).collect();
        self.shared.queued_bytes.fetch_sub(batches.iter().map(|frames| frames.size).sum(), Ordering::Relaxed);
        batches
    }
}

impl Drop for ConnectionReceiver {
    fn drop(&mut self) {
        self.hub.unsubscribe(self.slot, &self.shared);
    }
}
