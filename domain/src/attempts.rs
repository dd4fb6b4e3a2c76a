//! How soon a password may be tried again after wrong ones: by name and by where the tries come from, so that whoever
//! guesses at someone's password keeps only themselves out. A name that nobody has is treated like one that somebody has.

use crate::{Network, Service, clock::Clock, fault::OrBroken, store};
use moka::sync::Cache;
use protocol::{
    Error, Result,
    id::UserId,
    session::{Caller, Client},
    time::Time,
};
use std::{
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Wrong tries without a wait, for a name from one network.
const FREE: u32 = 3;
/// The same from all networks together that the person has not signed in from: many machines guessing at one name.
const FREE_FOR_STRANGERS: u32 = 50;
/// Seconds of the longest wait.
const LONGEST: u32 = 60;
/// Milliseconds after which wrong tries are forgotten.
const FORGOTTEN: i64 = 60 * 60 * 1000;
/// Names and places remembered at most; those that try most often are remembered longest.
const REMEMBERED: u64 = 50_000;

/// A name, as a number that outsiders cannot compute.
type Name = u64;

/// The wrong tries of late. Clones share the memory.
#[derive(Clone, Debug)]
pub struct Attempts {
    by_place: Cache<(Name, Network), Arc<Mutex<Tries>>>,
    by_name: Cache<Name, Arc<Mutex<Tries>>>,
    hasher: RandomState,
    /// None when anyone may guess as fast as they like.
    clock: Option<Clock>,
}

#[derive(Debug, Default)]
struct Tries {
    wrong: u32,
    last: Time,
}

impl Tries {
    fn refresh(&mut self, now: Time) {
        if now >= self.last.plus(FORGOTTEN) {
            self.wrong = 0;
        }
    }

    /// Seconds until the next try, 0 when it may be made now.
    fn wait(&self, free: u32, now: Time) -> u32 {
        let Some(beyond) = self.wrong.checked_sub(free) else { return 0 };
        let pause = 1_u32.checked_shl(beyond).unwrap_or(LONGEST).min(LONGEST);
        let left = self.last.plus(i64::from(pause) * 1000).0 - now.0;
        u32::try_from(left.max(0)).unwrap_or_default().div_ceil(1000)
    }
}

/// A try that is being made. Until it is known to be right it counts as wrong: many at once are no way around a wait.
#[must_use = "a try that was right must be told so"]
#[derive(Debug)]
pub struct Attempt {
    place: Arc<Mutex<Tries>>,
    name: Arc<Mutex<Tries>>,
}

impl Attempt {
    /// It was right: what was wrong from there before is forgotten.
    pub fn was_right(self) {
        self.undo();
        change(&self.place, |tries| tries.wrong = 0);
    }

    /// It could not be made after all.
    pub fn undo(&self) {
        for tries in [&self.place, &self.name] {
            change(tries, |tries| tries.wrong = tries.wrong.saturating_sub(1));
        }
    }
}

fn change<T>(tries: &Mutex<Tries>, change: impl FnOnce(&mut Tries) -> T) -> T {
    change(&mut tries.lock().unwrap_or_else(PoisonError::into_inner))
}

impl Attempts {
    /// Remembers wrong tries, by this clock; without one it lets everyone try.
    pub fn new(clock: Option<Clock>) -> Self {
        let idle = Duration::from_millis(FORGOTTEN.unsigned_abs());
        Self {
            by_place: Cache::builder().max_capacity(REMEMBERED).time_to_idle(idle).build(),
            by_name: Cache::builder().max_capacity(REMEMBERED).time_to_idle(idle).build(),
            hasher: RandomState::new(),
            clock,
        }
    }

    /// Seconds that strangers wait, because so much is being guessed at a name.
    fn siege(&self, name: &str, now: Time) -> u32 {
        let tries = self.by_name.get(&self.hasher.hash_one(name));
        tries.map_or(0, |tries| {
            change(&tries, |tries| {
                tries.refresh(now);
                tries.wait(FREE_FOR_STRANGERS, now)
            })
        })
    }

    fn begin(&self, name: &str, network: Network, now: Time) -> Result<Attempt> {
        let name = self.hasher.hash_one(name);
        let attempt = Attempt {
            place: self.by_place.get_with((name, network), Arc::default),
            name: self.by_name.get_with(name, Arc::default),
        };
        let wait = change(&attempt.place, |tries| {
            tries.refresh(now);
            let wait = tries.wait(FREE, now);
            if wait == 0 {
                (tries.wrong, tries.last) = (tries.wrong + 1, now);
            }
            wait
        });
        if wait > 0 {
            return Err(too_soon(wait));
        }
        change(&attempt.name, |tries| {
            tries.refresh(now);
            (tries.wrong, tries.last) = (tries.wrong + 1, now);
        });
        Ok(attempt)
    }
}

fn too_soon(seconds: u32) -> Error {
    Error::rate_limited("There were several wrong tries.", seconds)
}

impl Service {
    /// Before a password is compared: refuses whoever has guessed too often. `name` is what they guess at, `account` whose
    /// it is, if it is anyone's.
    pub(crate) async fn begin_attempt(&self, client: &Client, name: &str, account: Option<UserId>) -> Result<Attempt> {
        let network = Network::named(&client.ip);
        let Some(clock) = &self.attempts.clock else {
            return Ok(Attempt { place: Arc::default(), name: Arc::default() });
        };
        let now = clock.now();
        let siege = self.attempts.siege(name, now);
        if siege > 0 && !self.has_signed_in_from(network, account).await? {
            return Err(too_soon(siege));
        }
        self.attempts.begin(name, network, now)
    }

    /// Whether it is the caller's own password, at which whoever has stolen their session may be guessing.
    pub(crate) async fn is_own_password(
        &self,
        caller: &Caller,
        password: String,
        hash: Option<String>,
    ) -> Result<bool> {
        let session = caller.session_id.to_string();
        let attempt = self.begin_attempt(&Client::default(), &session, Some(caller.user_id)).await?;
        let compared = self.passwords.verify(password, hash).await;
        match compared {
            Ok(true) => attempt.was_right(),
            Ok(false) => {}
            Err(_) => attempt.undo(),
        }
        compared
    }

    async fn has_signed_in_from(&self, network: Network, account: Option<UserId>) -> Result<bool> {
        // A name that is nobody's is looked up too, so that the answer takes as long.
        let account = account.unwrap_or(UserId(uuid::Uuid::nil()));
        let addresses = store::sessions::list_addresses(&self.store.read, account).await.or_broken()?;
        Ok(addresses.iter().any(|address| Network::named(address) == network))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_from_a_second_to_a_minute() {
        let wait = |wrong| Tries { wrong, last: Time(0) }.wait(FREE, Time(0));
        let waits: Vec<_> = (0..12).chain([3_000, u32::MAX]).map(wait).collect();
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]);
        assert_eq!(Tries { wrong: 5, last: Time(0) }.wait(FREE, Time(3_500)), 1);
        assert_eq!(Tries { wrong: 5, last: Time(0) }.wait(FREE, Time(4_000)), 0);
    }

    #[test]
    fn many_tries_at_once_are_no_way_around() {
        let attempts = Attempts::new(Some(Clock::default()));
        let begun: Vec<_> = (0..10).map(|_| attempts.begin("ada", Network::V4(1), Time(0))).collect();
        assert_eq!(begun.iter().filter(|attempt| attempt.is_ok()).count(), 3);
        assert!(attempts.begin("ada", Network::V4(2), Time(0)).is_ok());
        // One of them was right: the person there is known by now.
        begun.into_iter().flatten().next().unwrap().was_right();
        assert!(attempts.begin("ada", Network::V4(1), Time(0)).is_ok());
    }
}
