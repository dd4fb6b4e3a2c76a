//! What waits for one connection: a queue that the hub writes to and a listener reads from, bounded in frames and bytes.

use super::Hub;
use crate::Closed;
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
pub const FRAME_LEAST: usize = 512;

/// One event on its way to one listener; the bytes are shared by all. What only passes by, such as who comes and goes, has
/// no position in the stream.
#[derive(Clone, Debug)]
pub struct Frame {
    pub position: Option<i64>,
    pub bytes: Bytes,
}

/// Events that follow each other and have the same audience: queued to each listener as one thing.
pub type Burst = Arc<[Frame]>;

/// How much of a queue a burst takes.
pub fn size(burst: &[Frame]) -> usize {
    burst.iter().map(|frame| frame.bytes.len().max(FRAME_LEAST)).sum()
}

/// What both ends of a queue know. The bound is in bytes, so it is kept beside the channel.
#[derive(Debug, Default)]
pub struct Shared {
    waiting: AtomicUsize,
    /// Where the connection is among those of its person. Read and written only while the hub is locked.
    position: AtomicUsize,
    why: OnceLock<Closed>,
}

/// The end of a queue that the hub writes to.
#[derive(Debug)]
pub struct Outlet {
    pub session: SessionId,
    bursts: mpsc::UnboundedSender<Burst>,
    pub shared: Arc<Shared>,
}

impl Outlet {
    /// Queues a burst whose [`size`] the caller knows; false when the listener is too slow. A burst fits into an empty queue
    /// however large it is: whoever keeps up is not cut off for what others say.
    pub fn push(&self, burst: &Burst, size: usize) -> bool {
        let before = self.shared.waiting.fetch_add(size, Ordering::Relaxed);
        if before > 0 && before + size > QUEUE_BYTES {
            return false;
        }
        // One that is gone is removed by its own end.
        let _ = self.bursts.send(burst.clone());
        true
    }

    /// Says why the queue ends, before it is dropped: its listener reads what is in it, and then this.
    pub fn close(&self, why: Closed) {
        let _ = self.shared.why.set(why);
    }
}

/// The end of a queue that a listener reads from; dropping it tells the hub.
#[derive(Debug)]
pub struct Inlet {
    /// Where the hub keeps the person.
    pub(super) place: usize,
    pub(super) shared: Arc<Shared>,
    hub: Arc<Hub>,
    bursts: mpsc::UnboundedReceiver<Burst>,
}

/// The connections of a person: a plain list, in which each knows its position.
#[derive(Debug, Default)]
pub struct Outlets(Vec<Outlet>);

impl Outlets {
    pub fn add(&mut self, outlet: Outlet) {
        outlet.shared.position.store(self.0.len(), Ordering::Relaxed);
        self.0.push(outlet);
    }

    pub fn contains(&self, shared: &Arc<Shared>) -> bool {
        let outlet = self.0.get(shared.position.load(Ordering::Relaxed));
        outlet.is_some_and(|outlet| Arc::ptr_eq(&outlet.shared, shared))
    }

    /// Takes a connection out, if it is here; the last of the list gets its position.
    pub fn remove(&mut self, shared: &Arc<Shared>) -> Option<Outlet> {
        if !self.contains(shared) {
            return None;
        }
        let position = shared.position.load(Ordering::Relaxed);
        let outlet = self.0.swap_remove(position);
        if let Some(moved) = self.0.get(position) {
            moved.shared.position.store(position, Ordering::Relaxed);
        }
        Some(outlet)
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Outlet> {
        self.0.iter()
    }
}

/// Both ends of a queue. The hub says where it keeps the person.
pub fn queue(hub: &Arc<Hub>, session: SessionId) -> (Outlet, Inlet) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared::default());
    let outlet = Outlet { session, bursts: sender, shared: shared.clone() };
    (outlet, Inlet { place: usize::MAX, shared, hub: hub.clone(), bursts: receiver })
}

impl Inlet {
    /// Waits for bursts and appends up to `limit` of them; 0 when no more come. When the caller stops waiting nothing is
    /// lost.
    pub async fn receive(&mut self, bursts: &mut Vec<Burst>, limit: usize) -> usize {
        let before = bursts.len();
        let count = self.bursts.recv_many(bursts, limit).await;
        let taken = bursts.iter().skip(before).map(|burst| size(burst)).sum();
        self.shared.waiting.fetch_sub(taken, Ordering::Relaxed);
        count
    }

    /// Why no more frames come.
    pub fn why(&self) -> Closed {
        self.shared.why.get().copied().unwrap_or(Closed::Failed)
    }

    /// What waits, without waiting for more.
    #[cfg(test)]
    pub fn waiting(&mut self) -> Vec<Burst> {
        let bursts: Vec<_> = std::iter::from_fn(|| self.bursts.try_recv().ok()).collect();
        self.shared.waiting.fetch_sub(bursts.iter().map(|burst| size(burst)).sum(), Ordering::Relaxed);
        bursts
    }
}

impl Drop for Inlet {
    fn drop(&mut self) {
        self.hub.detach(self.place, &self.shared);
    }
}
