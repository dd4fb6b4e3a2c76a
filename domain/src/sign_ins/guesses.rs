//! How many codes of a second factor may be tried: six digits are soon guessed by whoever knows the password and may go
//! on trying. Sessions that are open do not notice, and recovery codes are too long to be guessed.

use super::second_factor::Code;
use crate::audit;
use moka::sync::Cache;
use protocol::{Error, Result, id::UserId, time::Time};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Wrong codes in a minute, and in an hour.
const IN_A_MINUTE: usize = 5;
const IN_AN_HOUR: usize = 20;
const MINUTE: i64 = 60 * 1000;
const HOUR: i64 = 60 * MINUTE;
/// People remembered at most.
const REMEMBERED: u64 = 50_000;

/// The wrong codes of late, by person.
#[derive(Clone, Debug)]
pub struct Guesses {
    by_user: Cache<UserId, Arc<Mutex<Vec<Time>>>>,
}

/// A code that is being tried; it counts as wrong until it is known to be right.
#[must_use = "a code that was right must be told so"]
pub struct Guess(UserId);

impl Default for Guesses {
    fn default() -> Self {
        let hour = Duration::from_hours(1);
        Self { by_user: Cache::builder().max_capacity(REMEMBERED).time_to_idle(hour).build() }
    }
}

impl Guesses {
    /// Counts a try, or refuses it.
    pub fn begin(&self, user: UserId, code: &Code, now: Time) -> Result<Guess> {
        if matches!(code, Code::Totp(_)) {
            let tries = self.by_user.get_with(user, Arc::default);
            let mut tries = tries.lock().unwrap_or_else(PoisonError::into_inner);
            tries.retain(|at| now < at.plus(HOUR));
            if let Some(free) = free_at(&tries).filter(|free| now < *free) {
                let seconds = u32::try_from((free.0 - now.0 + 999) / 1000).unwrap_or(u32::MAX);
                audit::limit_met("codes");
                return Err(Error::rate_limited("Too many wrong codes. A recovery code goes at once.", seconds));
            }
            tries.push(now);
        }
        Ok(Guess(user))
    }

    /// It was right: what was wrong before is forgotten.
    pub fn was_right(&self, Guess(user): Guess) {
        self.by_user.invalidate(&user);
    }
}

/// When another try is allowed after these, the oldest first.
fn free_at(tries: &[Time]) -> Option<Time> {
    let after = |count: usize, span: i64| tries.len().checked_sub(count).map(|nth| tries[nth].plus(span));
    after(IN_A_MINUTE, MINUTE).max(after(IN_AN_HOUR, HOUR))
}
