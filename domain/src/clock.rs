//! Time and randomness: the only module that gets either from the system, so that tests can control the time.

use protocol::time::Time;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use uuid::{NoContext, Timestamp, Uuid};

/// The service's clock. Clones share the same clock.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Milliseconds that passed in a test.
    passed: Arc<AtomicI64>,
    /// Milliseconds that the clock was set back in a test: time itself does not go back.
    set_back: Arc<AtomicI64>,
    started: Instant,
}

impl Default for Clock {
    fn default() -> Self {
        Self { passed: Arc::default(), set_back: Arc::default(), started: Instant::now() }
    }
}

impl Clock {
    /// Current time.
    pub fn now(&self) -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let system_time = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
        let moved = self.passed.load(Ordering::Relaxed) - self.set_back.load(Ordering::Relaxed);
        Time(system_time.saturating_add(moved))
    }

    /// Monotonic time since the start, for measuring durations.
    pub fn uptime(&self) -> Duration {
        let ahead = u64::try_from(self.passed.load(Ordering::Relaxed)).unwrap_or_default();
        self.started.elapsed() + Duration::from_millis(ahead)
    }

    /// Moves the time forward, for tests.
    pub fn advance(&self, milliseconds: i64) {
        self.passed.fetch_add(milliseconds, Ordering::Relaxed);
    }

    /// Sets the clock back, as an operator or NTP may, for tests.
    pub fn set_back(&self, milliseconds: i64) {
        self.set_back.fetch_add(milliseconds, Ordering::Relaxed);
    }

    /// A new id, ordered by time.
    pub fn id(&self) -> Uuid {
        let Time(now) = self.now();
        let seconds = u64::try_from(now / 1000).unwrap_or_default();
        let nanos = u32::try_from(now % 1000).unwrap_or_default() * 1_000_000;
        Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, nanos))
    }

    /// Cryptographically random bytes.
    pub fn secret<const N: usize>(&self) -> [u8; N] {
        rand::random()
    }

    /// A random number.
    pub fn random_u32(&self) -> u32 {
        rand::random()
    }
}
