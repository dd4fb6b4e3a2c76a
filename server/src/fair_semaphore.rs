//! A semaphore with a share per network: a network that wants more waits, without making others wait.

use domain::Network;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The permits, in total and per network.
#[derive(Debug)]
pub struct FairSemaphore {
    total: Arc<Semaphore>,
    per_network: usize,
    by_network: Mutex<HashMap<Network, Arc<Semaphore>>>,
}

/// Permits that are held until this is dropped.
#[derive(Debug)]
pub struct FairPermit {
    network: OwnedSemaphorePermit,
    total: OwnedSemaphorePermit,
}

impl FairPermit {
    /// Adds the permits of another.
    pub fn merge(&mut self, other: Self) {
        self.network.merge(other.network);
        self.total.merge(other.total);
    }
}

impl FairSemaphore {
    /// Creates a semaphore with so many permits in total, and so many for one network.
    pub fn new(total: usize, per_network: usize) -> Self {
        Self { total: Arc::new(Semaphore::new(total)), per_network, by_network: Mutex::default() }
    }

    /// Waits for a permit. A caller that gives up waiting leaves nothing behind.
    pub async fn acquire(&self, network: Network) -> Option<FairPermit> {
        // The network's own share first: waiting for it must not hold a permit that others could use.
        let own = self.network_semaphore(network).acquire_owned().await.ok()?;
        let all = self.total.clone().acquire_owned().await.ok()?;
        Some(FairPermit { network: own, total: all })
    }

    /// Takes several permits if they are available at once.
    pub fn try_acquire(&self, network: Network, count: u32) -> Option<FairPermit> {
        let own = self.network_semaphore(network).try_acquire_many_owned(count).ok()?;
        let all = self.total.clone().try_acquire_many_owned(count).ok()?;
        Some(FairPermit { network: own, total: all })
    }

    fn network_semaphore(&self, network: Network) -> Arc<Semaphore> {
        let mut known = self.by_network.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = known.get(&network) {
            return own.clone();
        }
        // Networks that neither have nor wait for permits are removed.
        known.retain(|_, own| Arc::strong_count(own) > 1);
        known.entry(network).or_insert_with(|| Arc::new(Semaphore::new(self.per_network))).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn one_network_cannot_use_more_than_its_share() {
        let shares = FairSemaphore::new(5, 2);
        let acquire = |n| shares.acquire(Network::V4(n)).now_or_never().flatten();
        let mut held: Vec<_> = [1, 1, 2, 2, 3].into_iter().map(|n| acquire(n).expect("a free permit")).collect();
        assert!(acquire(1).is_none() && acquire(3).is_none() && acquire(4).is_none());
        held.remove(0);
        assert!(acquire(3).is_some());
        assert!(acquire(4).is_some());
        // A permit that was awaited in vain is not held.
        assert!(acquire(1).is_some());
    }

    #[test]
    fn several_permits_are_taken_together_or_not_at_all() {
        let shares = FairSemaphore::new(5, 3);
        let try_acquire = |n, count| shares.try_acquire(Network::V4(n), count);
        let mut held = try_acquire(1, 2).expect("a free permit");
        assert!(try_acquire(1, 2).is_none() && try_acquire(2, 4).is_none());
        held.merge(try_acquire(1, 1).expect("a free permit"));
        assert!(try_acquire(2, 3).is_none());
        drop(held);
        assert!(try_acquire(2, 3).is_some());
    }

    #[test]
    fn networks_without_permits_are_removed() {
        let shares = FairSemaphore::new(5, 2);
        for n in 0..1_000 {
            drop(shares.try_acquire(Network::V4(n), 1));
        }
        assert!(shares.by_network.lock().unwrap().len() <= 2);
    }
}
