//! Delay before a reconnect.

use std::time::Duration;

/// The longest delay.
const MAX_DELAY: Duration = Duration::from_secs(30);

/// Exponential back-off with jitter, so that clients do not all reconnect at once; `chance` is from 0 to 1.
pub fn delay(failures: u32, chance: f64) -> Duration {
    let doubled = Duration::from_millis(500).saturating_mul(1 << failures.min(8));
    doubled.min(MAX_DELAY).mul_f64(0.5 + chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::{MAX_DELAY, delay};
    use std::time::Duration;

    #[test]
    fn the_back_off_grows_and_is_bounded() {
        assert_eq!(delay(0, 1.0), Duration::from_millis(500));
        assert_eq!(delay(0, 0.0), Duration::from_millis(250));
        assert_eq!(delay(3, 1.0), Duration::from_secs(4));
        assert_eq!(delay(u32::MAX, 1.0), MAX_DELAY);
    }
}
