//! Rate limits: per account for signed-in callers, per network for others, and per network for all requests together.
//! Each node counts for itself.

mod connections;
mod middleware;
mod peers;
mod quota;
mod store;

pub use connections::{Connections, OpenConnection};
pub use middleware::{EXPOSED_HEADERS, limit_by_address, limit_by_caller};
pub use peers::{PeerConnection, Peers};
pub use quota::Quota;

use axum::http::HeaderValue;
use domain::{Clock, Network, audit};
use governor::{clock, middleware::StateInformationMiddleware};
use protocol::{error::Error, id::UserId};
use std::{num::NonZeroU32, sync::Arc, time::Duration};
use store::LimiterStore;

/// What is counted separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bucket {
    /// Attempts to authenticate: passwords, codes, tokens.
    SignIn,
    /// Writes.
    Write,
    /// Reads.
    Read,
    /// All requests of one network.
    Address,
}

/// The source by which requests are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateKey {
    /// A signed-in user.
    Account(UserId),
    /// A network: its clients that are not signed in, or all of them, depending on the bucket.
    Network(Network),
}

/// The limits of all buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quotas {
    /// Of [`Bucket::SignIn`].
    pub sign_in: Quota,
    /// Of [`Bucket::Write`].
    pub write: Quota,
    /// Of [`Bucket::Read`].
    pub read: Quota,
    /// Of [`Bucket::Address`].
    pub address: Quota,
    /// Connections that an account may have open.
    pub account_connections: NonZeroU32,
    /// Connections that a network may have open.
    pub address_connections: NonZeroU32,
}

const ACCOUNT_CONNECTIONS: NonZeroU32 = NonZeroU32::new(100).unwrap();
const ADDRESS_CONNECTIONS: NonZeroU32 = NonZeroU32::new(5_000).unwrap();

impl Default for Quotas {
    /// So high that no user reaches them by hand, nor two hundred users behind one address on their first morning, nor
    /// all their browsers when the server restarts; see docs/operations.md.
    fn default() -> Self {
        Self {
            sign_in: Quota::per_minute(60, 300),
            write: Quota::per_minute(600, 300),
            read: Quota::per_minute(1_200, 600),
            address: Quota::per_minute(12_000, 6_000),
            account_connections: ACCOUNT_CONNECTIONS,
            address_connections: ADDRESS_CONNECTIONS,
        }
    }
}

type Limiter = governor::RateLimiter<RateKey, LimiterStore, LimiterClock, StateInformationMiddleware>;

/// The service's clock, as the limiters use it.
#[derive(Clone, Debug)]
struct LimiterClock(Clock);

impl clock::Clock for LimiterClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.uptime()
    }
}

/// The limiters of all buckets, and the open connections of users.
#[derive(Debug)]
pub struct RateLimiter {
    sign_in: BucketLimiter,
    write: BucketLimiter,
    read: BucketLimiter,
    address: BucketLimiter,
    /// The open connections of signed-in users.
    pub connections: Arc<Connections>,
}

#[derive(Debug)]
struct BucketLimiter {
    name: &'static str,
    quota: Quota,
    policy: HeaderValue,
    limiter: Limiter,
}

/// The result of checking a request against a limit.
#[derive(Clone, Debug)]
pub struct Decision {
    name: &'static str,
    policy: HeaderValue,
    limit: u32,
    remaining: u32,
    /// Seconds until the whole burst is available again.
    reset: u32,
    /// Why the request is rejected, and when to retry; `None` if it is allowed.
    pub refused: Option<Error>,
}

impl Decision {
    /// The one of two that leaves fewer requests.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        let is_stricter = other.refused.is_some() || other.remaining < self.remaining;
        if is_stricter { other } else { self }
    }
}

impl RateLimiter {
    /// Creates the limiters.
    pub fn new(quotas: &Quotas, clock: &Clock) -> Self {
        let count = |name, quota| BucketLimiter::new(name, quota, clock);
        Self {
            sign_in: count("sign-in", quotas.sign_in),
            write: count("write", quotas.write),
            read: count("read", quotas.read),
            address: count("address", quotas.address),
            connections: Connections::new(quotas.account_connections, quotas.address_connections),
        }
    }

    /// Counts a request, if it is allowed.
    pub fn check(&self, bucket: Bucket, key: RateKey) -> Decision {
        match bucket {
            Bucket::SignIn => self.sign_in.check(key, "Too many sign-in attempts."),
            Bucket::Write => self.write.check(key, "You're doing that too quickly."),
            Bucket::Read => self.read.check(key, "You're doing that too quickly."),
            Bucket::Address => self.address.check(key, "Too many requests from your network."),
        }
    }
}

impl BucketLimiter {
    fn new(name: &'static str, quota: Quota, clock: &Clock) -> Self {
        // An interval is never zero: the fastest quota is a million a second.
        let allowed = governor::Quota::with_period(quota.interval())
            .unwrap_or(governor::Quota::per_second(quota.burst()))
            .allow_burst(quota.burst());
        let policy = format!("\"{name}\";q={};w={}", quota.burst(), seconds(quota.window()));
        let limiter = Limiter::new(allowed, LimiterStore::default(), LimiterClock(clock.clone()));
        let policy = HeaderValue::from_str(&policy).unwrap_or_else(|_| HeaderValue::from_static(""));
        Self { name, quota, policy, limiter }
    }

    fn check(&self, key: RateKey, what: &str) -> Decision {
        match self.limiter.check_key(&key) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let full_in = self.quota.interval() * (self.quota.burst().get() - remaining);
                self.decision(remaining, full_in, None)
            }
            Err(until) => {
                let wait = until.wait_time_from(clock::Clock::now(self.limiter.clock()));
                audit::limit_reached(self.name);
                let refused = Error::rate_limited(what, seconds(wait));
                self.decision(0, self.quota.window() + wait, Some(refused))
            }
        }
    }

    fn decision(&self, remaining: u32, full_in: Duration, refused: Option<Error>) -> Decision {
        let (limit, reset) = (self.quota.burst().get(), seconds(full_in));
        Decision { name: self.name, policy: self.policy.clone(), limit, remaining, reset, refused }
    }
}

/// Whole seconds, rounded up, so that a client that waits that long has waited long enough.
fn seconds(time: Duration) -> u32 {
    u32::try_from(time.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::error::Code;
    use std::net::IpAddr;

    fn network_key(address: &str) -> RateKey {
        RateKey::Network(Network::from_ip(address.parse::<IpAddr>().unwrap()))
    }

    #[test]
    fn a_burst_is_allowed_and_then_the_rate_applies() {
        let clock = Clock::default();
        let quotas = Quotas { write: "60/min burst 3".parse().unwrap(), ..Quotas::default() };
        let limiter = RateLimiter::new(&quotas, &clock);
        let write = |address| limiter.check(Bucket::Write, network_key(address));
        for left in [2, 1, 0] {
            let decision = write("192.0.2.1");
            assert_eq!((decision.limit, decision.remaining, decision.reset), (3, left, 3 - left));
            assert_eq!(decision.refused, None);
        }
        let decision = write("192.0.2.1");
        let error = decision.refused.unwrap();
        assert_eq!((error.code, error.retry_after, decision.remaining), (Code::RateLimited, Some(1), 0));
        assert!(error.detail.ends_with("Try again in a second."), "{}", error.detail);
        // Other clients, and other buckets, are not affected; a neighbour in the same IPv6 network is.
        let allowed = |decision: Decision| decision.refused.is_none().then_some(decision.remaining);
        assert!(
            allowed(write("192.0.2.2")).is_some()
                && allowed(limiter.check(Bucket::Read, network_key("192.0.2.1"))).is_some()
        );
        assert_eq!(allowed(write("2001:db8::1")), Some(2));
        assert_eq!(allowed(write("2001:db8::ffff")), Some(1));
        clock.advance(1_000);
        assert_eq!(allowed(write("192.0.2.1")), Some(0));
        assert_eq!(allowed(write("192.0.2.1")), None);
        clock.advance(60_000);
        assert_eq!(allowed(write("192.0.2.1")), Some(2));
    }
}
