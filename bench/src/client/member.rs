//! One client in a room: reads everything, checks that each message comes once and in order, and says things when told.

use crate::client::{
    arrival::{self, Arrival},
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
const WORDS: &str = "The kettle is on and the notes from this morning are in the usual place, have a look.";

/// When the next thing is said in a closed loop.
pub enum Turn {
    /// Once everybody has been delivered a message, by the next speaker: nobody is left behind.
    Delivered(Rota),
    /// Once a message was acknowledged, by its author.
    Acknowledged,
}

/// How many have heard each message of the one room, and who speaks next.
pub struct Rota {
    members: u32,
    /// By `seq`, round and round: far fewer messages are under way at any time.
    heard: Vec<AtomicU32>,
    speakers: Vec<mpsc::Sender<u64>>,
}

impl Rota {
    /// For a room of this many members, some of them speaking.
    pub fn new(members: u32, speakers: Vec<mpsc::Sender<u64>>) -> Self {
        Self { members, heard: (0..4_096).map(|_| AtomicU32::new(0)).collect(), speakers }
    }

    /// Someone heard a message; the last one gives the word to the next speaker, if anyone is to speak.
    fn hear(&self, seq: u64, score: &Score) -> Result<()> {
        let place = usize::try_from(seq)?;
        let heard = &self.heard[place % self.heard.len()];
        if heard.fetch_add(1, Relaxed) + 1 == self.members {
            heard.store(0, Relaxed);
            if score.talking.load(Relaxed) {
                self.speakers[place % self.speakers.len()].try_send(score.now()).context("a speaker is stuck")?;
            }
        }
        Ok(())
    }
}

/// What all members of a crowd go by.
pub struct Score {
    /// When it is whose turn.
    pub turn: Turn,
    /// Whether anyone says anything.
    pub talking: AtomicBool,
    /// Whether deliveries are timed.
    pub timing: AtomicBool,
    /// Zero on the crowd's clock.
    pub begun: Instant,
}

impl Score {
    /// The time on the crowd's clock, in microseconds.
    pub fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// What one member has done so far.
#[derive(Default)]
pub struct Tally {
    /// Messages sent.
    pub sent: AtomicU64,
    /// Sends acknowledged.
    pub acked: AtomicU64,
    /// Messages delivered to it, in order: also the `seq` of the last one.
    pub delivered: AtomicU64,
    /// Microseconds from send to delivery, while timing.
    pub waits: Mutex<Vec<u32>>,
}

/// What a member remembers between frames.
struct Ear {
    score: Arc<Score>,
    tally: Arc<Tally>,
}

/// A client in a room.
pub struct Member {
    room: String,
    socket: Socket,
    /// What its messages are named after, and how many it has named.
    name: String,
    named: u64,
    ear: Ear,
}

impl Member {
    /// Someone with an open socket, in a room where nothing was said yet.
    pub fn new(name: String, room: String, socket: Socket, score: Arc<Score>, tally: Arc<Tally>) -> Self {
        Self { room, socket, name, named: 0, ear: Ear { score, tally } }
    }

    /// Listens, and at each time stamp received says something. Ends only by an error.
    pub async fn speak(mut self, mut prompts: mpsc::Receiver<u64>) -> Result<()> {
        loop {
            let mut turns = 0;
            tokio::select! {
                read = self.socket.read(|frame| { turns += u32::from(self.ear.hear(frame)?); Ok(()) }) => read?,
                Some(stamp) = prompts.recv() => self.say(stamp).await?,
            }
            self.socket.flush().await?;
            for _ in 0..turns {
                if self.ear.score.talking.load(Relaxed) {
                    self.say(self.ear.score.now()).await?;
                }
            }
        }
    }

    /// Only listens. Ends only by an error.
    pub async fn listen(mut self) -> Result<()> {
        loop {
            self.socket.read(|frame| self.ear.hear(frame).map(drop)).await?;
            self.socket.flush().await?;
        }
    }

    async fn say(&mut self, stamp: u64) -> Result<()> {
        self.named += 1;
        let Self { room, name, named, .. } = self;
        let frame = format!(
            r#"{{"id":{named},"type":"message.send","room_id":"{room}","body":"{stamp:012} {WORDS}","client_id":"{name}-{named}"}}"#
        );
        self.ear.tally.sent.fetch_add(1, Relaxed);
        self.socket.send(&frame).await
    }
}

impl Ear {
    /// Takes note of a frame; whether it lets this member speak at once.
    fn hear(&mut self, frame: &[u8]) -> Result<bool> {
        match arrival::read(frame)? {
            Arrival::Message(said) => {
                let (seq, before) = (said.seq()?, self.tally.delivered.load(Relaxed));
                ensure!(seq == before + 1, "message {seq} came after message {before}: lost, doubled or out of order");
                self.tally.delivered.store(seq, Relaxed);
                if self.score.timing.load(Relaxed) {
                    let wait = self.score.now().saturating_sub(said.stamp()?);
                    let mut waits = self.tally.waits.lock().unwrap_or_else(PoisonError::into_inner);
                    waits.push(u32::try_from(wait).context("a delivery that took over an hour")?);
                }
                if let Turn::Delivered(rota) = &self.score.turn {
                    rota.hear(seq, &self.score)?;
                }
                Ok(false)
            }
            Arrival::Ack(_) => {
                self.tally.acked.fetch_add(1, Relaxed);
                Ok(matches!(self.score.turn, Turn::Acknowledged))
            }
            Arrival::Other => Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(seqs: &[u64]) -> Result<bool> {
        let score =
            Score { turn: Turn::Acknowledged, talking: false.into(), timing: false.into(), begun: Instant::now() };
        let mut ear = Ear { score: Arc::new(score), tally: Arc::default() };
        let frame = |seq| format!(r#"{{"type":"message.created","data":{{"seq":{seq}}}}}"#);
        seqs.iter().try_fold(false, |_, seq| ear.hear(frame(seq).as_bytes()))
    }

    #[test]
    fn each_message_must_come_once_and_in_order() {
        assert!(hear(&[1, 2, 3]).is_ok());
        for wrong in [&[2][..], &[1, 1], &[1, 3], &[1, 2, 1]] {
            assert!(hear(wrong).is_err(), "{wrong:?}");
        }
    }
}
