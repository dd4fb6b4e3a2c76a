//! How many rows a follower changes in one transaction.

use std::time::Duration;

/// The time for which a follower may hold the writer.
const TARGET: Duration = Duration::from_millis(5);
const FIRST: i64 = 64;
const MIN: i64 = 8;
const MAX: i64 = 4_096;

/// Number of rows of the next transaction, adapted to the time that the last one took.
#[derive(Clone, Copy, Debug)]
pub struct BatchSize(pub i64);

impl Default for BatchSize {
    fn default() -> Self {
        Self(FIRST)
    }
}

impl BatchSize {
    /// Takes the time of a full transaction into account.
    pub fn adapt(&mut self, took: Duration) {
        if took > TARGET {
            self.0 = (self.0 / 2).max(MIN);
        } else if took < TARGET / 3 {
            self.0 = (self.0 * 2).min(MAX);
        }
    }
}
