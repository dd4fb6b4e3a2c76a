//! How many codes of a second factor may be tried: six digits are soon guessed by whoever knows the password and may go
//! on trying. Sessions that are open do not notice, and recovery codes are too long to be guessed.

use crate::{audit, auth::second_factor::FactorCode};
use moka::sync::Cache;
use protocol::{Error, Result, id::UserId, time::Time};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Wrong codes in a minute, and in an hour.
const MAX_PER_MINUTE: usize = 5;
const MAX_PER_HOUR: usize = 20;
const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;
/// People remembered at most.
const CACHE_CAPACITY: u64 = 50_000;

/// The wrong codes of late, by person.
#[derive(Clone, Debug)]
pub struct TotpThrottle {
    by_user: Cache<UserId, Arc<Mutex<Vec<Time>>>>,
}

/// A code that is being tried; it counts as wrong until it is known to be right.
#[must_use = "a code that was right must be told so"]
pub struct TotpAttempt(UserId);

impl Default for TotpThrottle {
    fn default() -> Self {
        let hour = Duration::from_hours(1);
        Self { by_user: Cache::builder().max_capacity(CACHE_CAPACITY).time_to_idle(hour).build() }
    }
}

impl TotpThrottle {
    /// Counts a try, or refuses it.
    pub fn begin(&self, user: UserId, code: &FactorCode, now: Time) -> Result<TotpAttempt> {
        if matches!(code, FactorCode::Totp(_)) {
            let failures = self.by_user.get_with(user, Arc::default);
            let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
            failures.retain(|at| now < at.plus(HOUR));
            if let Some(next) = next_allowed(&failures).filter(|free| now < *free) {
                let seconds = u32::try_from((next.0 - now.0 + 999) / 1000).unwrap_or(u32::MAX);
                audit::limit_reached("codes");
                return Err(Error::rate_limited("Too many wrong codes. A recovery code goes at once.", seconds));
            }
            failures.push(now);
        }
        Ok(TotpAttempt(user))
    }

    /// It was right: what was wrong before is forgotten.
    pub fn succeeded(&self, TotpAttempt(user): TotpAttempt) {
        self.by_user.invalidate(&user);
    }
}

/// When another try is allowed after these, the oldest first.
fn next_allowed(failures: &[Time]) -> Option<Time> {
    let after = |count: usize, span: i64| failures.len().checked_sub(count).map(|nth| failures[nth].plus(span));
    after(MAX_PER_MINUTE, MINUTE).max(after(MAX_PER_HOUR, HOUR))
}
