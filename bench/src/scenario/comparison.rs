//! Two servers under the same load, alternating in the same run.

use crate::{
    client::clients::{Clients, Measurement},
    process::Process,
    statistics::median,
};
use anyhow::Result;
use std::time::Duration;

/// The measurements of all rounds.
#[derive(Default)]
pub struct Rounds(Vec<Measurement>);

impl Rounds {
    /// The median of a value; NaN if there was no round.
    pub fn median(&self, figure: impl Fn(&Measurement) -> f64) -> f64 {
        median(self.0.iter().map(figure))
    }
}

/// The clients of one server, and the rounds that were measured since they were last taken.
pub struct ComparedServer {
    clients: Clients,
    rounds: Rounds,
}

impl ComparedServer {
    /// Clients without a measured round.
    pub fn new(clients: Clients) -> Self {
        Self { clients, rounds: Rounds::default() }
    }

    /// Measures another round of the closed loop, with this many messages of each sender in flight.
    pub async fn round(&mut self, server: &Process, window: usize, length: Duration) -> Result<()> {
        self.rounds.0.push(self.clients.closed_loop(server, window, length).await?);
        Ok(())
    }

    /// Takes the measured rounds.
    pub fn take_rounds(&mut self) -> Rounds {
        std::mem::take(&mut self.rounds)
    }
}

/// Deliveries per second.
pub fn deliveries(work: &Measurement) -> f64 {
    work.deliveries / work.seconds
}

/// Acknowledged sends per second.
pub fn acks(work: &Measurement) -> f64 {
    work.acks / work.seconds
}

/// CPU seconds per 100,000 deliveries.
pub fn cpu_of_deliveries(work: &Measurement) -> f64 {
    work.cpu / work.deliveries * 100_000.0
}

/// CPU seconds per 100,000 acknowledged sends.
pub fn cpu_of_sends(work: &Measurement) -> f64 {
    work.cpu / work.acks * 100_000.0
}

/// How many processor cores were busy.
pub fn cores(work: &Measurement) -> f64 {
    work.cpu / work.seconds
}
