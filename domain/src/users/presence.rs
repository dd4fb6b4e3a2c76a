//! Presence of users on all nodes, and its announcements. Presence is neither stored nor replayed.

mod nodes;

use crate::{
    Clock,
    events::{
        ephemeral::{self, Audience, EphemeralEvent},
        hub::Hub,
    },
    store::{self, Backend, Store},
    users::presence::nodes::Nodes,
};
use protocol::{
    event::PresenceChange,
    id::{RoomId, UserId},
    user::Presence,
};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};
use uuid::Uuid;

/// How often changes of presence are checked.
const TICK: Duration = Duration::from_secs(1);
/// Ticks for which a user must be disconnected before they are announced as offline: a reconnect is not announced.
const OFFLINE_AFTER: u32 = 10;
/// Frames queued per tick, over all connections. When all users of a node reconnect at once, the rest waits for later
/// ticks, and changes that are reverted by then are never announced.
const MAX_FRAMES: usize = 50_000;
/// Changes announced per tick.
const MAX_CHANGES: usize = 200;
/// Users loaded per statement.
pub(crate) const CHUNK: usize = 256;

/// Presence as last announced.
#[derive(Debug, Default)]
struct Announced {
    presences: BTreeMap<UserId, Presence>,
    /// Number of ticks for which formerly online users have been disconnected.
    missing_ticks: HashMap<UserId, u32>,
}

impl Announced {
    /// Changes to announce for these presences, at most `limit`; a user who is not among them is offline. The rest, and what cannot be announced now, follows
    /// in later ticks.
    fn diff(&mut self, presences: &BTreeMap<UserId, Presence>, limit: usize) -> Vec<PresenceChange> {
        self.missing_ticks.retain(|user, _| !presences.contains_key(user));
        for user in self.presences.keys().filter(|user| !presences.contains_key(user)) {
            *self.missing_ticks.entry(*user).or_default() += 1;
        }
        let went_offline = self
            .missing_ticks
            .iter()
            .filter(|(_, ticks)| **ticks > OFFLINE_AFTER)
            .map(|(user, _)| (*user, Presence::Offline));
        let connected = presences.iter().filter(|(user, presence)| self.presences.get(user) != Some(presence));
        let changes = went_offline.chain(connected.map(|(user, presence)| (*user, *presence)));
        changes.take(limit).map(|(user_id, presence)| PresenceChange { user_id, presence }).collect()
    }

    /// Records these changes as announced.
    fn commit(&mut self, changes: &[PresenceChange]) {
        for PresenceChange { user_id, presence } in changes {
            if *presence == Presence::Offline {
                self.presences.remove(user_id);
                self.missing_ticks.remove(user_id);
            } else {
                self.presences.insert(*user_id, *presence);
            }
        }
    }
}

/// Announces presence changes to everyone in the Lobby, until it is aborted.
pub async fn run(store: Store, hub: Arc<Hub>, clock: Clock, lobby: RoomId, node: Uuid) {
    let mut nodes = Nodes::new(node);
    let mut announced = Announced::default();
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Err(error) = nodes.sync(&store, &hub, &clock).await {
            tracing::warn!(%error, "cannot synchronise presence with the other nodes; retrying");
        }
        let limit = (MAX_FRAMES / hub.connection_count(lobby).max(1)).clamp(1, MAX_CHANGES);
        let changes = announced.diff(&hub.presences(), limit);
        match visible_changes(&store, &changes).await {
            Ok(visible) => {
                announced.commit(&changes);
                ephemeral::publish(&hub, Audience::Room(lobby), visible.into_iter().map(EphemeralEvent::Presence));
            }
            Err(error) => tracing::warn!(%error, "cannot publish presence changes; retrying"),
        }
    }
}

/// Removes this node's row, so that the other nodes drop its users.
pub async fn delete_node(store: &Store, node: Uuid) {
    if let Backend::Postgres(_) = &store.write
        && let Err(error) = store::presence::delete(&store.write, node).await
    {
        tracing::warn!(%error, "cannot delete the presence row of this node; it expires");
    }
}

/// The changes of users who share their presence.
async fn visible_changes(store: &Store, changes: &[PresenceChange]) -> sqlx::Result<Vec<PresenceChange>> {
    let ids: Vec<UserId> = changes.iter().map(|change| change.user_id).collect();
    let rows = store::users::find_many(&store.read, &ids).await?;
    let shows: HashMap<UserId, bool> = rows.iter().map(|row| (row.id, row.settings().privacy.show_online)).collect();
    Ok(changes.iter().filter(|change| shows.get(&change.user_id) == Some(&true)).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user_id(number: u128) -> UserId {
        UserId(uuid::Uuid::from_u128(number))
    }

    fn online(numbers: &[u128]) -> BTreeMap<UserId, Presence> {
        numbers.iter().map(|n| (user_id(*n), Presence::Online)).collect()
    }

    fn change(number: u128, presence: Presence) -> PresenceChange {
        PresenceChange { user_id: user_id(number), presence }
    }

    /// Announces the changes of a tick in which all frames can be queued.
    fn announce(announced: &mut Announced, numbers: &[u128], limit: usize) -> Vec<PresenceChange> {
        let changes = announced.diff(&online(numbers), limit);
        announced.commit(&changes);
        changes
    }

    #[test]
    fn a_short_absence_is_not_announced() {
        let mut announced = Announced::default();
        assert_eq!(announce(&mut announced, &[1, 2], 9).len(), 2);
        for _ in 0..OFFLINE_AFTER {
            assert_eq!(announce(&mut announced, &[1], 9), []);
        }
        assert_eq!(announce(&mut announced, &[1, 2], 9), []);
        for _ in 0..OFFLINE_AFTER {
            assert_eq!(announce(&mut announced, &[1], 9), []);
        }
        assert_eq!(announce(&mut announced, &[1], 9), [change(2, Presence::Offline)]);
        assert_eq!(announce(&mut announced, &[1], 9), []);
    }

    #[test]
    fn changes_that_could_not_be_published_are_retried() {
        let mut announced = Announced::default();
        for _ in 0..3 {
            assert_eq!(announced.diff(&online(&[1]), 9), [change(1, Presence::Online)]);
        }
        assert_eq!(announce(&mut announced, &[1], 9), [change(1, Presence::Online)]);
        for _ in 0..=OFFLINE_AFTER {
            announced.diff(&online(&[]), 9);
        }
        assert_eq!(announce(&mut announced, &[], 9), [change(1, Presence::Offline)]);
    }

    #[test]
    fn many_changes_are_published_in_batches() {
        let mut announced = Announced::default();
        let users: Vec<u128> = (1..=10_000).collect();
        let mut ticks = 0;
        while !announce(&mut announced, &users, 100).is_empty() {
            ticks += 1;
        }
        assert_eq!(ticks, 100);
        assert_eq!(announced.presences.len(), 10_000);
    }
}
