//! The state of the rate limiters. It is bounded: a client with any number of addresses does not make it larger, and
//! only the clients with the fewest requests are evicted.

use super::RateKey;
use governor::{nanos::Nanos, state::StateStore};
use std::{
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    sync::{Mutex, PoisonError},
};

/// Parts with locks of their own, so that two requests seldom wait for each other.
const SHARDS: usize = 16;
/// Keys per part: about 200 KB with its table.
const KEYS_PER_SHARD: usize = 4_096;

/// For each key, the time at which its requests are paid off. A lock is held for one look-up.
#[derive(Debug, Default)]
pub struct LimiterStore {
    shards: [Mutex<HashMap<RateKey, Nanos>>; SHARDS],
    hasher: RandomState,
}

impl StateStore for LimiterStore {
    type Key = RateKey;

    fn measure_and_replace<T, F, E>(&self, key: &RateKey, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let shard = usize::try_from(self.hasher.hash_one(key)).unwrap_or_default() % SHARDS;
        let mut part = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        let known = part.get_mut(key);
        let (outcome, arrival_time) = measure(known.as_deref().copied())?;
        if let Some(until) = known {
            *until = arrival_time;
        } else {
            if part.len() >= KEYS_PER_SHARD {
                evict(&mut part, arrival_time);
            }
            part.insert(*key, arrival_time);
        }
        drop(part);
        Ok(outcome)
    }
}

/// Frees space: first the keys that owe nothing any more (a new key owes least), then the half that owes least.
fn evict(part: &mut HashMap<RateKey, Nanos>, newcomer: Nanos) {
    part.retain(|_, until| *until > newcomer);
    if part.len() > KEYS_PER_SHARD / 2 {
        let mut owed: Vec<Nanos> = part.values().copied().collect();
        let (_, middle, _) = owed.select_nth_unstable(KEYS_PER_SHARD / 2);
        let middle = *middle;
        part.retain(|_, until| *until > middle);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Network;
    use std::net::{IpAddr, Ipv6Addr};

    fn key(number: u64) -> RateKey {
        RateKey::Network(Network::from_ip(IpAddr::V6(Ipv6Addr::from(u128::from(number) << 64))))
    }

    fn count_request(memory: &LimiterStore, key: RateKey, until: u64) -> Option<u64> {
        let known = |known: Option<Nanos>| Ok::<_, ()>((known.map(Nanos::as_u64), Nanos::new(until)));
        memory.measure_and_replace(&key, known).unwrap()
    }

    #[test]
    fn the_store_is_bounded_and_keeps_the_busiest_clients() {
        let memory = LimiterStore::default();
        count_request(&memory, key(0), 1_000_000);
        // All at one time, so that no key has paid off anything.
        for number in 1..300_000 {
            count_request(&memory, key(number), 500);
        }
        let stored: usize = memory.shards.iter().map(|part| part.lock().unwrap().len()).sum();
        assert!(stored <= SHARDS * KEYS_PER_SHARD, "{stored}");
        assert_eq!(count_request(&memory, key(0), 1_000_001), Some(1_000_000));
    }

    #[test]
    fn a_rejected_request_does_not_change_the_store() {
        let memory = LimiterStore::default();
        count_request(&memory, key(7), 10);
        assert!(memory.measure_and_replace(&key(7), |_| Err::<((), Nanos), _>(())).is_err());
        assert_eq!(count_request(&memory, key(7), 11), Some(10));
    }
}
