//! One client in a room: reads everything, checks that each message comes once and in order, and says things when told.

use crate::client::{
    arrival::{self, Delivery},
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

/// What a member says: about as long as what people say.
const BODY: &str = "The kettle is on and the notes from this morning are in the usual place, have a look.";

/// When the next thing is said in a closed loop.
pub enum Pacing {
    /// Once everybody has been delivered a message, by the next speaker: nobody is left behind.
    OnDelivery(RoundRobin),
    /// Once a message was acknowledged, by its author.
    OnAck,
}

/// How many have heard each message of the one room, and who speaks next.
pub struct RoundRobin {
    members: u32,
    /// By `seq`, round and round: far fewer messages are under way at any time.
    deliveries: Vec<AtomicU32>,
    senders: Vec<mpsc::Sender<u64>>,
}

impl RoundRobin {
    /// For a room of this many members, some of them speaking.
    pub fn new(members: u32, speakers: Vec<mpsc::Sender<u64>>) -> Self {
        Self { members, deliveries: (0..4_096).map(|_| AtomicU32::new(0)).collect(), senders: speakers }
    }

    /// Someone heard a message; the last one gives the word to the next speaker, if anyone is to speak.
    fn record_delivery(&self, seq: u64, score: &RunState) -> Result<()> {
        let place = usize::try_from(seq)?;
        let heard = &self.deliveries[place % self.deliveries.len()];
        if heard.fetch_add(1, Relaxed) + 1 == self.members {
            heard.store(0, Relaxed);
            if score.sending.load(Relaxed) {
                self.senders[place % self.senders.len()].try_send(score.now()).context("a speaker is stuck")?;
            }
        }
        Ok(())
    }
}

/// What all members of a crowd go by.
pub struct RunState {
    /// When it is whose turn.
    pub pacing: Pacing,
    /// Whether anyone says anything.
    pub sending: AtomicBool,
    /// Whether deliveries are timed.
    pub timing: AtomicBool,
    /// Zero on the crowd's clock.
    pub started_at: Instant,
}

impl RunState {
    /// The time on the crowd's clock, in microseconds.
    pub fn now(&self) -> u64 {
        u64::try_from(self.started_at.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// What one member has done so far.
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

/// What a member remembers between frames.
struct FrameHandler {
    shared: Arc<RunState>,
    counters: Arc<Counters>,
}

/// A client in a room.
pub struct Member {
    room: String,
    socket: Socket,
    /// What its messages are named after, and how many it has named.
    name: String,
    sent_count: u64,
    handler: FrameHandler,
}

impl Member {
    /// Someone with an open socket, in a room where nothing was said yet.
    pub fn new(name: String, room: String, socket: Socket, score: Arc<RunState>, tally: Arc<Counters>) -> Self {
        Self { room, socket, name, sent_count: 0, handler: FrameHandler { shared: score, counters: tally } }
    }

    /// Listens, and at each time stamp received says something. Ends only by an error.
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

    /// Only listens. Ends only by an error.
    pub async fn receive_only(mut self) -> Result<()> {
        loop {
            self.socket.read(|frame| self.handler.on_frame(frame).map(drop)).await?;
            self.socket.flush().await?;
        }
    }

    async fn send_message(&mut self, stamp: u64) -> Result<()> {
        self.sent_count += 1;
        let Self { room, name, sent_count: named, .. } = self;
        let frame = format!(
            r#"{{"id":{named},"type":"message.send","room_id":"{room}","body":"{stamp:012} {BODY}","client_id":"{name}-{named}"}}"#
        );
        self.handler.counters.sent.fetch_add(1, Relaxed);
        self.socket.send(&frame).await
    }
}

impl FrameHandler {
    /// Takes note of a frame; whether it lets this member speak at once.
    fn on_frame(&mut self, frame: &[u8]) -> Result<bool> {
        match arrival::read(frame)? {
            Delivery::Message(message) => {
                let (seq, before) = (message.seq()?, self.counters.delivered.load(Relaxed));
                ensure!(seq == before + 1, "message {seq} came after message {before}: lost, doubled or out of order");
                self.counters.delivered.store(seq, Relaxed);
                if self.shared.timing.load(Relaxed) {
                    let wait = self.shared.now().saturating_sub(message.stamp()?);
                    let mut waits = self.counters.latencies.lock().unwrap_or_else(PoisonError::into_inner);
                    waits.push(u32::try_from(wait).context("a delivery that took over an hour")?);
                }
                if let Pacing::OnDelivery(rota) = &self.shared.pacing {
                    rota.record_delivery(seq, &self.shared)?;
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
        let score =
            RunState { pacing: Pacing::OnAck, sending: false.into(), timing: false.into(), started_at: Instant::now() };
        let mut handler = FrameHandler { shared: Arc::new(score), counters: Arc::default() };
        let frame = |seq| format!(r#"{{"type":"message.created","data":{{"seq":{seq}}}}}"#);
        seqs.iter().try_fold(false, |_, seq| handler.on_frame(frame(seq).as_bytes()))
    }

    #[test]
    fn each_message_must_come_once_and_in_order() {
        assert!(receive(&[1, 2, 3]).is_ok());
        for wrong in [&[2][..], &[1, 1], &[1, 3], &[1, 2, 1]] {
            assert!(receive(wrong).is_err(), "{wrong:?}");
        }
    }
}
