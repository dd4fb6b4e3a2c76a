//! Throttles password attempts per login and network, per login from unknown networks, and per known device, so that an
//! attacker who guesses a user's password locks out only their own network. A browser on which the user has logged in
//! before has its own counter, so the user can log in even while others guess from the same network.
//!
//! A login that does not exist is throttled like one that does. For the same reason the username and the email address
//! of an account are counted separately: otherwise a rejection at one after attempts at the other would reveal whose
//! address it is.
//!
//! Time is monotonic: a clock that is set back must not make anybody wait longer.

use crate::{
    Network, Service, audit,
    auth::{login::device_ids, password_hash::Verdict, tokens},
    clock::Clock,
    error::DbResultExt,
    store,
};
use moka::sync::Cache;
use protocol::{
    Error, Result,
    error::Code,
    id::UserId,
    session::{Caller, Client},
};
use std::{
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Failed attempts without a delay, per login and network.
const FREE_FAILURES: u32 = 3;
/// The same for all networks together that the user has not logged in from: many machines guessing at one login.
const FREE_FAILURES_UNKNOWN_NETWORKS: u32 = 50;
/// Longest delay, in seconds.
const MAX_WAIT_SECONDS: u32 = 60;
/// Time after which failures expire.
const FAILURE_TTL: Duration = Duration::from_hours(1);
/// Maximum number of counters in the cache; the most frequently used remain longest.
const CACHE_CAPACITY: u64 = 150_000;

/// A login, as a hash that outsiders cannot compute.
type LoginHash = u64;
/// Hash of the device id stored by a browser that is known for an account.
type DeviceHash = [u8; 32];

/// Key of a counter.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum ThrottleKey {
    /// A login, from one network.
    LoginFromNetwork(LoginHash, Network),
    /// A login, from all networks that its user has not logged in from.
    Login(LoginHash),
    /// An account, on a browser that its user has logged in on before.
    Device(UserId, DeviceHash),
}

/// Recent failures. Clones share the counters.
#[derive(Clone, Debug)]
pub struct LoginThrottle {
    failures: Cache<ThrottleKey, Arc<Mutex<Failures>>>,
    hasher: RandomState,
    /// `None` when throttling is disabled.
    clock: Option<Clock>,
}

#[derive(Debug, Default)]
struct Failures {
    count: u32,
    /// Uptime of the service at the last one.
    last: Duration,
}

impl Failures {
    /// Records an attempt, as a failure until it succeeds.
    const fn record(&mut self, now: Duration) {
        (self.count, self.last) = (self.count.saturating_add(1), now);
    }

    /// Seconds until the next attempt, 0 when it may be made now; drops expired failures.
    fn wait_seconds(&mut self, free: u32, now: Duration) -> u32 {
        if now >= self.last + FAILURE_TTL {
            self.count = 0;
        }
        let Some(beyond) = self.count.checked_sub(free) else { return 0 };
        let pause = 1_u32.checked_shl(beyond).unwrap_or(MAX_WAIT_SECONDS).min(MAX_WAIT_SECONDS);
        let left = (self.last + Duration::from_secs(pause.into())).saturating_sub(now);
        u32::try_from(left.as_millis().div_ceil(1000)).unwrap_or(MAX_WAIT_SECONDS)
    }
}

/// An attempt in progress. It counts as a failure until it succeeds, so that parallel attempts cannot bypass the delay.
#[must_use = "a correct password must be reported with `succeeded`"]
#[derive(Debug)]
pub struct LoginAttempt {
    /// Failures of the network or of the device.
    failures: Arc<Mutex<Failures>>,
    /// Failures of all unknown networks together.
    unknown_networks: Option<Arc<Mutex<Failures>>>,
}

impl LoginAttempt {
    /// Starts an attempt on this counter; fails if it comes too soon.
    fn begin(failures: Arc<Mutex<Failures>>, now: Duration) -> Result<Self> {
        let wait = update(&failures, |tries| {
            let wait = tries.wait_seconds(FREE_FAILURES, now);
            if wait == 0 {
                tries.record(now);
            }
            wait
        });
        if wait > 0 { Err(too_soon(wait)) } else { Ok(Self { failures, unknown_networks: None }) }
    }

    /// The password was right: clears the failures of this network or device.
    pub fn succeeded(self) {
        self.cancel();
        update(&self.failures, |tries| tries.count = 0);
    }

    /// The attempt was abandoned; it is not counted.
    pub fn cancel(&self) {
        for tries in [Some(&self.failures), self.unknown_networks.as_ref()].into_iter().flatten() {
            update(tries, |tries| tries.count = tries.count.saturating_sub(1));
        }
    }
}

fn update<T>(tries: &Mutex<Failures>, update: impl FnOnce(&mut Failures) -> T) -> T {
    update(&mut tries.lock().unwrap_or_else(PoisonError::into_inner))
}

impl LoginThrottle {
    /// Creates the throttle with this clock; without a clock, throttling is disabled.
    pub fn new(clock: Option<Clock>) -> Self {
        Self {
            failures: Cache::builder().max_capacity(CACHE_CAPACITY).time_to_idle(FAILURE_TTL).build(),
            hasher: RandomState::new(),
            clock,
        }
    }

    /// Delay in seconds for unknown networks, because of many failures at this login.
    fn unknown_networks_wait(&self, name: &str, now: Duration) -> u32 {
        let tries = self.failures.get(&ThrottleKey::Login(self.hasher.hash_one(name)));
        tries.map_or(0, |tries| update(&tries, |tries| tries.wait_seconds(FREE_FAILURES_UNKNOWN_NETWORKS, now)))
    }

    fn begin(&self, name: &str, network: Network, now: Duration) -> Result<LoginAttempt> {
        let name = self.hasher.hash_one(name);
        let attempt = LoginAttempt::begin(
            self.failures.get_with(ThrottleKey::LoginFromNetwork(name, network), Arc::default),
            now,
        )?;
        let unknown_networks = self.failures.get_with(ThrottleKey::Login(name), Arc::default);
        update(&unknown_networks, |tries| {
            tries.wait_seconds(FREE_FAILURES_UNKNOWN_NETWORKS, now);
            tries.record(now);
        });
        Ok(LoginAttempt { unknown_networks: Some(unknown_networks), ..attempt })
    }

    fn begin_on_device(&self, (user, device): (UserId, DeviceHash), now: Duration) -> Result<LoginAttempt> {
        LoginAttempt::begin(self.failures.get_with(ThrottleKey::Device(user, device), Arc::default), now)
    }
}

fn too_soon(seconds: u32) -> Error {
    audit::limit_reached("attempts");
    Error::rate_limited("Too many failed attempts.", seconds)
}

impl Service {
    /// Starts an attempt, before the password is compared; fails if there were too many failures. `name` is the login
    /// used, `account` its owner if it exists.
    async fn begin_attempt(&self, client: &Client, name: &str, account: Option<UserId>) -> Result<LoginAttempt> {
        let network = Network::parse(&client.ip);
        let Some(clock) = &self.login_throttle.clock else {
            return Ok(LoginAttempt { failures: Arc::default(), unknown_networks: None });
        };
        let now = clock.uptime();
        if let Some(device) = self.known_device(client, account).await? {
            return self.login_throttle.begin_on_device(device, now);
        }
        let wait = self.login_throttle.unknown_networks_wait(name, now);
        if wait > 0 && !self.is_known_network(network, account).await? {
            return Err(too_soon(wait));
        }
        self.login_throttle.begin(name, network, now)
    }

    /// Verifies the caller's own password. Throttled, because someone who stole the session may be guessing.
    pub(crate) async fn verify_own_password(
        &self,
        caller: &Caller,
        password: String,
        hash: Option<String>,
    ) -> Result<Option<String>> {
        let (session, account) = (caller.session_id.to_string(), hash.map(|hash| (caller.user_id, hash)));
        let hash = self.compare_password(&Client::default(), &session, account, password).await?;
        if hash.is_none() {
            audit::confirmation_rejected("password", caller.user_id, &Code::WrongCredentials.word());
        }
        Ok(hash)
    }

    /// Verifies the password of an account, if it exists; counted as an attempt at `name`. Returns the stored hash if the
    /// password is right.
    pub(crate) async fn verify_password(
        &self,
        client: &Client,
        name: &str,
        account: Option<(UserId, String)>,
        password: String,
    ) -> Result<Option<String>> {
        let id = account.as_ref().map(|(id, _)| *id);
        let hash = self.compare_password(client, name, account, password).await?;
        if hash.is_none() {
            audit::credential_rejected("password", id, &Code::WrongCredentials.word());
        }
        Ok(hash)
    }

    async fn compare_password(
        &self,
        client: &Client,
        name: &str,
        account: Option<(UserId, String)>,
        password: String,
    ) -> Result<Option<String>> {
        let (id, hash) = account.unzip();
        let attempt = self.begin_attempt(client, name, id).await?;
        let verdict = self.passwords.verify(password.clone(), hash.clone()).await;
        match verdict {
            Ok(Verdict::Right | Verdict::RightAsTyped) => attempt.succeeded(),
            Ok(Verdict::Wrong) => {}
            Err(_) => attempt.cancel(),
        }
        match (verdict?, id.zip(hash)) {
            (Verdict::Right, Some((_, hash))) => Ok(Some(hash)),
            (Verdict::RightAsTyped, Some((user, hash))) => self.normalise_hash(user, hash, password).await,
            _ => Ok(None),
        }
    }

    /// The device, if the user has logged in on it before.
    async fn known_device(&self, client: &Client, account: Option<UserId>) -> Result<Option<(UserId, DeviceHash)>> {
        let ids = device_ids(client);
        if ids.is_empty() {
            return Ok(None);
        }
        // Also queried for a login that does not exist, so that the response time is the same.
        let account = account.unwrap_or(UserId(uuid::Uuid::nil()));
        let hashes: Vec<DeviceHash> = ids.iter().map(|name| tokens::hash(name)).collect();
        let known = store::known_devices::list_known(&self.store.read, account, &hashes).await.or_internal()?;
        Ok(hashes.into_iter().find(|hash| known.iter().any(|known| known == hash)).map(|hash| (account, hash)))
    }

    async fn is_known_network(&self, network: Network, account: Option<UserId>) -> Result<bool> {
        // Also queried for a login that does not exist, so that the response time is the same.
        let account = account.unwrap_or(UserId(uuid::Uuid::nil()));
        let addresses = store::sessions::list_addresses(&self.store.read, account).await.or_internal()?;
        Ok(addresses.iter().any(|address| Network::parse(address) == network))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_from_a_second_to_a_minute() {
        let after = |wrong, ms| {
            Failures { count: wrong, last: Duration::ZERO }.wait_seconds(FREE_FAILURES, Duration::from_millis(ms))
        };
        let wait = |wrong| after(wrong, 0);
        let waits: Vec<_> = (0..12).chain([3_000, u32::MAX]).map(wait).collect();
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]);
        assert_eq!((after(5, 3_500), after(5, 4_000), after(u32::MAX, 3_600_000)), (1, 0, 0));
    }

    #[test]
    fn concurrent_attempts_are_throttled_too() {
        let attempts = LoginThrottle::new(Some(Clock::default()));
        let started: Vec<_> = (0..10).map(|_| attempts.begin("ada", Network::V4(1), Duration::ZERO)).collect();
        assert_eq!(started.iter().filter(|attempt| attempt.is_ok()).count(), 3);
        assert!(attempts.begin("ada", Network::V4(2), Duration::ZERO).is_ok());
        // One attempt succeeded: its network is known from now on.
        started.into_iter().flatten().next().unwrap().succeeded();
        assert!(attempts.begin("ada", Network::V4(1), Duration::ZERO).is_ok());
    }
}
