//! Time and chance: the only place that asks the machine for either, so that a test can move the time.

use protocol::time::Time;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use uuid::{NoContext, Timestamp, Uuid};

/// The service's clock. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct Clock {
    offset: Arc<AtomicI64>,
    started: Instant,
}

impl Default for Clock {
    fn default() -> Self {
        Self { offset: Arc::default(), started: Instant::now() }
    }
}

impl Clock {
    /// Now.
    pub fn now(&self) -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let system_time = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        Time(system_time.saturating_add(self.offset.load(Ordering::Relaxed)))
    }

    /// How long the clock has run: for measuring, because nobody sets it back.
    pub fn uptime(&self) -> Duration {
        let ahead = u64::try_from(self.offset.load(Ordering::Relaxed)).unwrap_or_default();
        self.started.elapsed() + Duration::from_millis(ahead)
    }

    /// Puts the clock forward, for tests of what happens later.
    pub fn advance(&self, milliseconds: i64) {
        self.offset.fetch_add(milliseconds, Ordering::Relaxed);
    }

    /// A new id, ordered by time.
    pub fn id(&self) -> Uuid {
        let Time(now) = self.now();
        let seconds = u64::try_from(now / 1000).unwrap_or_default();
        let nanos = u32::try_from(now % 1000).unwrap_or_default() * 1_000_000;
        Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, nanos))
    }

    /// Bytes that nobody can guess.
    pub fn secret<const N: usize>(&self) -> [u8; N] {
        rand::random()
    }

    /// A number by chance.
    pub fn random_u32(&self) -> u32 {
        rand::random()
    }
}
