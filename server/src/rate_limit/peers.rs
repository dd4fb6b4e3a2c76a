//! A limit on the TCP connections of one network, counted from the moment they are accepted: a client that connects and
//! stays silent must not take all descriptors.

use domain::Network;
use std::{
    collections::{HashMap, hash_map::Entry},
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The share of the open files that one network may take.
const DESCRIPTOR_SHARE: u64 = 4;

/// The open connections by network.
#[derive(Debug)]
pub struct Peers {
    limit: u32,
    open: Mutex<HashMap<Network, u32>>,
}

/// An open connection, counted until it is dropped.
#[derive(Debug)]
pub struct PeerConnection {
    peers: Arc<Peers>,
    network: Network,
}

impl Peers {
    /// At most `limit` connections for one network, and at most a quarter of the files that this process may open.
    pub fn new(limit: NonZeroU32, open_files: Option<u64>) -> Arc<Self> {
        let share = open_files.and_then(|files| u32::try_from(files / DESCRIPTOR_SHARE).ok());
        let limit = share.map_or(limit.get(), |share| limit.get().min(share.max(1)));
        Arc::new(Self { limit, open: Mutex::default() })
    }

    /// Counts a connection, if another one is allowed.
    pub fn open(self: &Arc<Self>, network: Network) -> Option<PeerConnection> {
        let mut open = self.counts();
        let count = open.entry(network).or_default();
        if *count >= self.limit {
            return None;
        }
        *count += 1;
        drop(open);
        Some(PeerConnection { peers: self.clone(), network })
    }

    /// The counts are consistent whenever the lock is free, so a panic does not corrupt them.
    fn counts(&self) -> MutexGuard<'_, HashMap<Network, u32>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for PeerConnection {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.peers.counts().entry(self.network) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_its_share_and_closing_frees_it() {
        let limit = NonZeroU32::new(5_000).unwrap();
        assert_eq!(Peers::new(limit, Some(65_536)).limit, 5_000);
        assert_eq!(Peers::new(limit, None).limit, 5_000);
        assert_eq!(Peers::new(limit, Some(1)).limit, 1);
        let peers = Peers::new(limit, Some(8));
        let open = |address| peers.open(Network::parse(address));
        let (first, second) = (open("192.0.2.1"), open("192.0.2.1"));
        assert!(open("192.0.2.1").is_none() && open("192.0.2.2").is_some());
        drop(first);
        assert!(open("192.0.2.1").is_some());
        drop(second);
        assert!(peers.counts().is_empty());
    }
}
