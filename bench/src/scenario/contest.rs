//! Two servers under the same load, in turn, in the same run.

use crate::{
    client::crowd::{Clients, Measurement},
    figures::median,
    process::Process,
};
use anyhow::Result;
use std::time::Duration;

/// What each round measured.
#[derive(Default)]
pub struct Rounds(Vec<Measurement>);

impl Rounds {
    /// The median of a figure; not a number when there was no round.
    pub fn median(&self, figure: impl Fn(&Measurement) -> f64) -> f64 {
        median(self.0.iter().map(figure))
    }
}

/// One of the crowds, and what it measured since it was last asked.
pub struct Contender {
    clients: Clients,
    rounds: Rounds,
}

impl Contender {
    /// A crowd that has done nothing yet.
    pub fn new(crowd: Clients) -> Self {
        Self { clients: crowd, rounds: Rounds::default() }
    }

    /// One more round of the closed loop, with this many messages of each speaker under way.
    pub async fn round(&mut self, server: &Process, window: usize, length: Duration) -> Result<()> {
        self.rounds.0.push(self.clients.closed_loop(server, window, length).await?);
        Ok(())
    }

    /// What was measured since this was last asked.
    pub fn take_rounds(&mut self) -> Rounds {
        std::mem::take(&mut self.rounds)
    }
}

/// Deliveries a second.
pub fn deliveries(work: &Measurement) -> f64 {
    work.deliveries / work.seconds
}

/// Acknowledged sends a second.
pub fn acks(work: &Measurement) -> f64 {
    work.acks / work.seconds
}

/// CPU seconds for 100,000 deliveries.
pub fn cpu_of_deliveries(work: &Measurement) -> f64 {
    work.cpu / work.deliveries * 100_000.0
}

/// CPU seconds for 100,000 acknowledged sends.
pub fn cpu_of_sends(work: &Measurement) -> f64 {
    work.cpu / work.acks * 100_000.0
}

/// How many processor cores were busy with it.
pub fn cores(work: &Measurement) -> f64 {
    work.cpu / work.seconds
}
