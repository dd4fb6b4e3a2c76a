//! One client in a room: reads everything, checks that each message arrives once and in order, and sends on triggers.

use crate::client::{
    delivery::{self, Delivery},
    socket::Socket,
};
use anyhow::{Context as _, Result, ensure};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};
use tokio::sync::mpsc;

/// The text of a message, of typical length.
const BODY: &str = "The kettle is on and the notes from this morning are in the usual place, have a look.";

/// When the next message is sent in a closed loop.
pub enum Pacing {
    /// Once a message was delivered to all clients, by the next sender: no client falls behind.
    OnDelivery(RoundRobin),
    /// Once a message was acknowledged, by its author.
    OnAck,
}

/// Counts the deliveries of each message of the one room, and chooses the next sender.
pub struct RoundRobin {
    members: u32,
    /// Indexed by `seq` modulo its length: far fewer messages are in flight at any time.
    deliveries: Vec<AtomicU32>,
    senders: Vec<mpsc::Sender<u64>>,
}

impl RoundRobin {
    /// For a room of this many members, some of which send.
    pub fn new(members: u32, senders: Vec<mpsc::Sender<u64>>) -> Self {
        Self { members, deliveries: (0..4_096).map(|_| AtomicU32::new(0)).collect(), senders }
    }

    /// Counts a delivery; the last one of a message triggers the next sender, if sending is on.
    fn record_delivery(&self, seq: u64, state: &RunState) -> Result<()> {
        let index = usize::try_from(seq)?;
        let deliveries = &self.deliveries[index % self.deliveries.len()];
        if deliveries.fetch_add(1, Relaxed) + 1 == self.members {
            deliveries.store(0, Relaxed);
            if state.sending.load(Relaxed) {
                self.senders[index % self.senders.len()].try_send(state.now()).context("a sender is stuck")?;
            }
        }
        Ok(())
    }
}

/// The state shared by all clients of a run.
pub struct RunState {
    /// When the next message is sent.
    pub pacing: Pacing,
    /// Whether clients send messages.
    pub sending: AtomicBool,
    /// Whether deliveries are timed.
    pub timing: AtomicBool,
    /// The start of the run's clock.
    pub started_at: Instant,
}

impl RunState {
    /// The time since the start of the run, in microseconds.
    pub fn now(&self) -> u64 {
        u64::try_from(self.started_at.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// The counters of one client.
#[derive(Default)]
pub struct Counters {
    /// Messages sent.
    pub sent: AtomicU64,
    /// Sends acknowledged.
    pub acked: AtomicU64,
    /// Messages delivered to it, in order: also the `seq` of the last one.
    pub delivered: AtomicU64,
    /// Microseconds from send to delivery, while timing.
    pub latencies: Mutex<Vec<u32>>,
}

/// The state that a client keeps between frames.
struct FrameHandler {
    shared: Arc<RunState>,
    counters: Arc<Counters>,
    /// The seq before the first message that was delivered: those up to it are room activity of before.
    start: Option<u64>,
}

/// A client in a room.
pub struct Member {
    room: String,
    socket: Socket,
    /// The prefix of its client ids, and how many it has used.
    name: String,
    sent_count: u64,
    handler: FrameHandler,
}

impl Member {
    /// A client with an open socket, in a room without messages.
    pub fn new(name: String, room: String, socket: Socket, state: Arc<RunState>, counters: Arc<Counters>) -> Self {
        Self { room, socket, name, sent_count: 0, handler: FrameHandler { shared: state, counters, start: None } }
    }

    /// Reads frames, and sends a message for each time stamp received. Ends only by an error.
    pub async fn send_on_trigger(mut self, mut triggers: mpsc::Receiver<u64>) -> Result<()> {
        loop {
            let mut turns = 0;
            tokio::select! {
                read = self.socket.read(|frame| { turns += u32::from(self.handler.on_frame(frame)?); Ok(()) }) => read?,
                Some(stamp) = triggers.recv() => self.send_message(stamp).await?,
            }
            self.socket.flush().await?;
            for _ in 0..turns {
                if self.handler.shared.sending.load(Relaxed) {
                    self.send_message(self.handler.shared.now()).await?;
                }
            }
        }
    }

    /// Only reads frames. Ends only by an error.
    pub async fn receive_only(mut self) -> Result<()> {
        loop {
            self.socket.read(|frame| self.handler.on_frame(frame).map(drop)).await?;
            self.socket.flush().await?;
        }
    }

    async fn send_message(&mut self, stamp: u64) -> Result<()> {
        self.sent_count += 1;
        let Self { room, name, sent_count: named, .. } = self;
        // As those of the web client, client ids grow with time.
        let now = self.handler.shared.now();
        let frame = format!(
            r#"{{"id":{named},"type":"message.send","room_id":"{room}","body":"{stamp:012} {BODY}","client_id":"{now:012x}{name}-{named}"}}"#
        );
        self.handler.counters.sent.fetch_add(1, Relaxed);
        self.socket.send(&frame).await
    }
}

impl FrameHandler {
    /// Processes a frame; returns whether this client may send at once.
    fn on_frame(&mut self, frame: &[u8]) -> Result<bool> {
        match delivery::read(frame)? {
            Delivery::Message(message) => {
                let seq = message.seq()?;
                let count = seq.saturating_sub(*self.start.get_or_insert_with(|| seq.saturating_sub(1)));
                let before = self.counters.delivered.load(Relaxed);
                ensure!(
                    count == before + 1,
                    "message {count} came after message {before}: lost, doubled or out of order"
                );
                self.counters.delivered.store(count, Relaxed);
                if self.shared.timing.load(Relaxed) {
                    let wait = self.shared.now().saturating_sub(message.stamp()?);
                    let mut latencies = self.counters.latencies.lock().unwrap_or_else(PoisonError::into_inner);
                    latencies.push(u32::try_from(wait).context("a delivery that took over an hour")?);
                }
                if let Pacing::OnDelivery(round_robin) = &self.shared.pacing {
                    round_robin.record_delivery(seq, &self.shared)?;
                }
                Ok(false)
            }
            Delivery::Ack(_) => {
                self.counters.acked.fetch_add(1, Relaxed);
                Ok(matches!(self.shared.pacing, Pacing::OnAck))
            }
            Delivery::Other => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(seqs: &[u64]) -> Result<bool> {
        let state =
            RunState { pacing: Pacing::OnAck, sending: false.into(), timing: false.into(), started_at: Instant::now() };
        let mut handler = FrameHandler { shared: Arc::new(state), counters: Arc::default(), start: None };
        let frame = |seq| format!(r#"{{"type":"message.created","data":{{"seq":{seq}}}}}"#);
        seqs.iter().try_fold(false, |_, seq| handler.on_frame(frame(seq).as_bytes()))
    }

    #[test]
    fn each_message_must_come_once_and_in_order() {
        for right in [[1, 2, 3], [5, 6, 7]] {
            assert!(receive(&right).is_ok());
        }
        for wrong in [&[1, 1][..], &[1, 3], &[1, 2, 1], &[5, 4]] {
            assert!(receive(wrong).is_err(), "{wrong:?}");
        }
    }
}
