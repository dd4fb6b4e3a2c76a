//! Limits on the connections that are open at once, by account and by network: sockets, and polls while they wait.

use super::RateKey;
use domain::Network;
use protocol::{
    error::{Code, Error, Result},
    id::UserId,
};
use std::{
    collections::{HashMap, hash_map::Entry},
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Seconds after which a client may retry: another connection may have been closed by then.
const RETRY_AFTER: u32 = 30;

/// The connections that are open now.
#[derive(Debug)]
pub struct Connections {
    account_limit: NonZeroU32,
    network_limit: NonZeroU32,
    open: Mutex<HashMap<RateKey, u32>>,
}

/// An open connection, counted until it is dropped.
#[derive(Debug)]
pub struct OpenConnection {
    connections: Arc<Connections>,
    keys: [RateKey; 2],
}

impl Connections {
    /// Creates the limits, without open connections.
    pub fn new(account_limit: NonZeroU32, network_limit: NonZeroU32) -> Arc<Self> {
        Arc::new(Self { account_limit, network_limit, open: Mutex::default() })
    }

    /// Counts another connection, if it is allowed.
    pub fn open(self: &Arc<Self>, user: UserId, network: Network) -> Result<OpenConnection> {
        let (account, network) = (RateKey::Account(user), RateKey::Network(network));
        let mut open = self.counts();
        let count = |key| open.get(key).copied().unwrap_or_default();
        if count(&account) >= self.account_limit.get() {
            return Err(too_many("Your account", self.account_limit));
        }
        if count(&network) >= self.network_limit.get() {
            return Err(too_many("Your network", self.network_limit));
        }
        for key in [account, network] {
            *open.entry(key).or_default() += 1;
        }
        drop(open);
        Ok(OpenConnection { connections: self.clone(), keys: [account, network] })
    }

    /// The counts are consistent whenever the lock is free, so a panic does not corrupt them.
    fn counts(&self) -> MutexGuard<'_, HashMap<RateKey, u32>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        let mut open = self.connections.counts();
        for key in self.keys {
            if let Entry::Occupied(mut count) = open.entry(key) {
                *count.get_mut() -= 1;
                if *count.get() == 0 {
                    count.remove();
                }
            }
        }
    }
}

fn too_many(owner: &str, limit: NonZeroU32) -> Error {
    let detail = format!("{owner} has {limit} connections open, which is the maximum. Close some and try again.");
    Error { retry_after: Some(RETRY_AFTER), ..Error::new(Code::TooManyConnections, detail) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    #[test]
    fn accounts_and_networks_are_limited_and_closing_frees_a_slot() {
        let connections = Connections::new(limit(2), limit(3));
        let user_id = |n: u8| format!("01890000-0000-7000-8000-{n:012}").parse::<UserId>().unwrap();
        let (ada, mara) = (user_id(1), user_id(2));
        let open = |user, address| connections.open(user, Network::parse(address));
        let (den, office) = ("2001:db8::1", "192.0.2.1");
        let first = open(ada, den).unwrap();
        let second = open(ada, office).unwrap();
        let error = open(ada, office).unwrap_err();
        assert_eq!((error.code, error.retry_after), (Code::TooManyConnections, Some(RETRY_AFTER)));
        assert!(error.detail.starts_with("Your account has 2 connections"), "{error}");
        // All addresses of one household belong to one network.
        let others = [open(mara, "2001:db8::2").unwrap(), open(mara, "2001:db8::3").unwrap()];
        drop(second);
        let error = open(ada, "2001:db8::4").unwrap_err();
        assert!(error.detail.starts_with("Your network has 3 connections"), "{error}");
        drop(first);
        drop(open(ada, den).unwrap());
        drop(others);
        assert!(connections.counts().is_empty());
    }
}
