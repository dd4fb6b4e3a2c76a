//! So much at once, and of it no more than a share for one network: who asks for more waits, and keeps nobody else waiting.

use domain::Network;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What there is of something, and who has how much of it.
#[derive(Debug)]
pub struct Shares {
    all: Arc<Semaphore>,
    share: usize,
    by_network: Mutex<HashMap<Network, Arc<Semaphore>>>,
}

/// Some of it, until this is dropped.
#[derive(Debug)]
pub struct Held {
    own: OwnedSemaphorePermit,
    all: OwnedSemaphorePermit,
}

impl Held {
    /// Holds what another held too.
    pub fn merge(&mut self, other: Self) {
        self.own.merge(other.own);
        self.all.merge(other.all);
    }
}

impl Shares {
    /// So much altogether, and so much for one network.
    pub fn new(all: usize, share: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(all)), share, by_network: Mutex::default() }
    }

    /// Waits for one. Who gives up waiting leaves nothing behind.
    pub async fn take(&self, network: Network) -> Option<Held> {
        // The own share first: who waits for it holds nothing of what is everybody's.
        let own = self.of(network).acquire_owned().await.ok()?;
        let all = self.all.clone().acquire_owned().await.ok()?;
        Some(Held { own, all })
    }

    /// Takes so many if they are there at once.
    pub fn try_take(&self, network: Network, count: u32) -> Option<Held> {
        let own = self.of(network).try_acquire_many_owned(count).ok()?;
        let all = self.all.clone().try_acquire_many_owned(count).ok()?;
        Some(Held { own, all })
    }

    fn of(&self, network: Network) -> Arc<Semaphore> {
        let mut known = self.by_network.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = known.get(&network) {
            return own.clone();
        }
        // Networks that neither hold nor wait for anything are forgotten.
        known.retain(|_, own| Arc::strong_count(own) > 1);
        known.entry(network).or_insert_with(|| Arc::new(Semaphore::new(self.share))).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn one_network_has_its_share_and_the_others_the_rest() {
        let shares = Shares::new(5, 2);
        let take = |n| shares.take(Network::V4(n)).now_or_never().flatten();
        let mut held: Vec<_> = [1, 1, 2, 2, 3].into_iter().map(|n| take(n).expect("it is there")).collect();
        assert!(take(1).is_none() && take(3).is_none() && take(4).is_none());
        held.remove(0);
        assert!(take(3).is_some());
        assert!(take(4).is_some());
        // What was waited for in vain is held by nobody.
        assert!(take(1).is_some());
    }

    #[test]
    fn so_many_at_once_are_taken_or_none() {
        let shares = Shares::new(5, 3);
        let take = |n, count| shares.try_take(Network::V4(n), count);
        let mut held = take(1, 2).expect("it is there");
        assert!(take(1, 2).is_none() && take(2, 4).is_none());
        held.merge(take(1, 1).expect("it is there"));
        assert!(take(2, 3).is_none());
        drop(held);
        assert!(take(2, 3).is_some());
    }

    #[test]
    fn who_holds_nothing_is_forgotten() {
        let shares = Shares::new(5, 2);
        for n in 0..1_000 {
            drop(shares.try_take(Network::V4(n), 1));
        }
        assert!(shares.by_network.lock().unwrap().len() <= 2);
    }
}
