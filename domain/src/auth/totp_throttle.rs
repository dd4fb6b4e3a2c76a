//! Limits attempts at second-factor codes: six digits are soon guessed by someone who knows the password and has
//! unlimited attempts. Open sessions are not affected, and recovery codes are too long to guess. Time is monotonic, as
//! in `login_throttle`.

use crate::{audit, auth::second_factor::FactorCode};
use moka::sync::Cache;
use protocol::{Error, Result, id::UserId};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Wrong codes allowed per minute and per hour.
const MAX_PER_MINUTE: usize = 5;
const MAX_PER_HOUR: usize = 20;
const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
/// Maximum number of users in the cache.
const CACHE_CAPACITY: u64 = 50_000;

/// Recent wrong codes by user, as uptimes of the service.
#[derive(Clone, Debug)]
pub struct TotpThrottle {
    by_user: Cache<UserId, Arc<Mutex<Vec<Duration>>>>,
}

/// An attempt in progress; it counts as wrong until it succeeds.
#[must_use = "a correct code must be reported with `succeeded`"]
pub struct TotpAttempt(UserId);

impl Default for TotpThrottle {
    fn default() -> Self {
        Self { by_user: Cache::builder().max_capacity(CACHE_CAPACITY).time_to_idle(HOUR).build() }
    }
}

impl TotpThrottle {
    /// Records an attempt, or rejects it.
    pub fn begin(&self, user: UserId, code: &FactorCode, now: Duration) -> Result<TotpAttempt> {
        if matches!(code, FactorCode::Totp(_)) {
            let failures = self.by_user.get_with(user, Arc::default);
            let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
            failures.retain(|at| now < *at + HOUR);
            if let Some(next) = next_allowed(&failures).filter(|free| now < *free) {
                let seconds = u32::try_from(next.saturating_sub(now).as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
                audit::limit_reached("codes");
                return Err(Error::rate_limited("Too many wrong codes. You can still use a recovery code.", seconds));
            }
            failures.push(now);
        }
        Ok(TotpAttempt(user))
    }

    /// The code was right: clears the user's failures.
    pub fn succeeded(&self, TotpAttempt(user): TotpAttempt) {
        self.by_user.invalidate(&user);
    }
}

/// When the next attempt is allowed after these failures, which are ordered oldest first.
fn next_allowed(failures: &[Duration]) -> Option<Duration> {
    let after = |count: usize, period| failures.len().checked_sub(count).map(|nth| failures[nth] + period);
    after(MAX_PER_MINUTE, MINUTE).max(after(MAX_PER_HOUR, HOUR))
}
