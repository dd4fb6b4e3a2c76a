//! Limits on the TCP connections of one network and of all together, counted from the moment they are accepted: clients
//! that connect and stay silent must not take all descriptors.

use domain::Network;
use std::{
    collections::{HashMap, hash_map::Entry},
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// One network may take a quarter of the files that this process may open, and all together three quarters: the rest is
/// for the database, the log, and what answering a request opens.
const DESCRIPTOR_SHARES: u64 = 4;

/// The open connections.
#[derive(Debug)]
pub struct Peers {
    network_limit: u32,
    total_limit: u32,
    open: Mutex<OpenPeers>,
}

#[derive(Debug, Default)]
struct OpenPeers {
    total: u32,
    by_network: HashMap<Network, u32>,
}

/// An open connection, counted until it is dropped.
#[derive(Debug)]
pub struct PeerConnection {
    peers: Arc<Peers>,
    network: Option<Network>,
}

impl Peers {
    /// At most `limit` connections for one network, if there is a limit, and not more than fit into the files that this
    /// process may open.
    pub fn new(limit: Option<NonZeroU32>, open_files: Option<u64>) -> Arc<Self> {
        let share = open_files.map_or(u64::MAX, |files| (files / DESCRIPTOR_SHARES).max(1));
        let at_most = |files: u64| u32::try_from(files).unwrap_or(u32::MAX);
        let total_limit = at_most(share.saturating_mul(DESCRIPTOR_SHARES - 1));
        let network_limit = limit.map_or(u32::MAX, |limit| limit.get().min(at_most(share)));
        Arc::new(Self { network_limit, total_limit, open: Mutex::default() })
    }

    /// Counts a connection, if another one is allowed. Without a network, it counts only among all connections.
    pub fn open(self: &Arc<Self>, network: Option<Network>) -> Option<PeerConnection> {
        let mut open = self.counts();
        if open.total >= self.total_limit {
            return None;
        }
        if let Some(network) = network {
            let count = open.by_network.entry(network).or_default();
            if *count >= self.network_limit {
                return None;
            }
            *count += 1;
        }
        open.total += 1;
        drop(open);
        Some(PeerConnection { peers: self.clone(), network })
    }

    /// The counts are consistent whenever the lock is free, so a panic does not corrupt them.
    fn counts(&self) -> MutexGuard<'_, OpenPeers> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for PeerConnection {
    fn drop(&mut self) {
        let mut open = self.peers.counts();
        open.total -= 1;
        if let Some(network) = self.network
            && let Entry::Occupied(mut count) = open.by_network.entry(network)
        {
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
        let limit = NonZeroU32::new(5_000);
        let limits = |limit, open_files| {
            let peers = Peers::new(limit, open_files);
            (peers.network_limit, peers.total_limit)
        };
        assert_eq!(limits(limit, Some(65_536)), (5_000, 49_152));
        assert_eq!(limits(limit, None), (5_000, u32::MAX));
        assert_eq!(limits(limit, Some(1)), (1, 3));
        assert_eq!(limits(None, Some(8)), (u32::MAX, 6));
        let peers = Peers::new(limit, Some(8));
        let open = |address| peers.open(Some(Network::parse(address)));
        let (first, second) = (open("192.0.2.1"), open("192.0.2.1"));
        assert!(open("192.0.2.1").is_none() && open("192.0.2.2").is_some());
        drop(first);
        assert!(open("192.0.2.1").is_some());
        drop(second);
        assert!(peers.counts().by_network.is_empty());
    }

    #[test]
    fn all_networks_together_leave_files_for_the_server() {
        let peers = Peers::new(NonZeroU32::new(5_000), Some(8));
        let open = |number| peers.open(Some(Network::parse(&format!("192.0.2.{number}"))));
        let mut connections: Vec<_> = (0..6).map(|number| open(number).unwrap()).collect();
        assert!(open(6).is_none() && peers.open(None).is_none());
        connections.pop();
        // Those of a proxy count too.
        connections.extend(peers.open(None));
        assert!(open(6).is_none());
        drop(connections);
        assert_eq!(peers.counts().total, 0);
    }
}
