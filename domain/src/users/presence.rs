//! Presence of users on all nodes, and its announcements. Presence is neither stored nor replayed.

mod nodes;

use crate::{
    Clock,
    events::hub::{Frame, Hub},
    store::{self, Backend, Store},
    users::presence::nodes::Nodes,
};
use bytes::Bytes;
use protocol::{
    event::PresenceChange,
    frame::ServerFrame,
    id::{RoomId, UserId},
    user::Presence,
};
use std::{
    collections::{BTreeSet, HashMap},
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
    online: BTreeSet<UserId>,
    /// Number of ticks for which formerly online users have been disconnected.
    missing_ticks: HashMap<UserId, u32>,
}

impl Announced {
    /// Changes to announce for these online users, at most `limit`; the rest, and what cannot be announced now, follows
    /// in later ticks.
    fn diff(&mut self, online: &BTreeSet<UserId>, limit: usize) -> Vec<(UserId, Presence)> {
        self.missing_ticks.retain(|user, _| !online.contains(user));
        for user in self.online.difference(online) {
            *self.missing_ticks.entry(*user).or_default() += 1;
        }
        let went_offline = self
            .missing_ticks
            .iter()
            .filter(|(_, beats)| **beats > OFFLINE_AFTER)
            .map(|(user, _)| (*user, Presence::Offline));
        let came_online = online.difference(&self.online).map(|user| (*user, Presence::Online));
        went_offline.chain(came_online).take(limit).collect()
    }

    /// Records these changes as announced.
    fn commit(&mut self, changes: &[(UserId, Presence)]) {
        for (user, presence) in changes {
            if *presence == Presence::Online {
                self.online.insert(*user);
            } else {
                self.online.remove(user);
                self.missing_ticks.remove(user);
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
            tracing::warn!(%error, "cannot synchronise presence with the other nodes; trying again");
        }
        let limit = (MAX_FRAMES / hub.connection_count(lobby).max(1)).clamp(1, MAX_CHANGES);
        let changes = announced.diff(&hub.online_users(), limit);
        match presence_frames(&store, &changes).await {
            Ok(frames) => {
                announced.commit(&changes);
                if !frames.is_empty() {
                    hub.publish_to_room(lobby, &frames.into());
                }
            }
            Err(error) => tracing::warn!(%error, "cannot publish presence changes; trying again"),
        }
    }
}

/// Removes this node's row, so that the other nodes drop its users.
pub async fn delete_node(store: &Store, node: Uuid) {
    if let Backend::Postgres(_) = &store.write
        && let Err(error) = store::presence::delete(&store.write, node).await
    {
        tracing::warn!(%error, "cannot delete the presence row of this node; the others drop it after a timeout");
    }
}

/// Frames that announce changes, for users who share their presence.
async fn presence_frames(store: &Store, changes: &[(UserId, Presence)]) -> sqlx::Result<Vec<Frame>> {
    let ids: Vec<UserId> = changes.iter().map(|(user, _)| *user).collect();
    let rows = store::users::find_many(&store.read, &ids).await?;
    let shows: HashMap<UserId, bool> = rows.iter().map(|row| (row.id, row.settings().privacy.show_online)).collect();
    let visible = changes.iter().filter(|(user, _)| shows.get(user) == Some(&true));
    Ok(visible
        .filter_map(|(user_id, presence)| {
            let change = PresenceChange { user_id: *user_id, presence: *presence };
            let json = serde_json::to_vec(&ServerFrame::Presence { data: change }).ok()?;
            Some(Frame { position: None, bytes: Bytes::from(json) })
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user_ids(numbers: &[u128]) -> BTreeSet<UserId> {
        numbers.iter().map(|n| UserId(uuid::Uuid::from_u128(*n))).collect()
    }

    /// Announces the changes of a tick in which all frames can be queued.
    fn announce(announced: &mut Announced, online: &[u128], limit: usize) -> Vec<(UserId, Presence)> {
        let changes = announced.diff(&user_ids(online), limit);
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
        let two = UserId(uuid::Uuid::from_u128(2));
        assert_eq!(announce(&mut announced, &[1], 9), [(two, Presence::Offline)]);
        assert_eq!(announce(&mut announced, &[1], 9), []);
    }

    #[test]
    fn changes_that_could_not_be_published_are_retried() {
        let mut announced = Announced::default();
        let one = UserId(uuid::Uuid::from_u128(1));
        for _ in 0..3 {
            assert_eq!(announced.diff(&user_ids(&[1]), 9), [(one, Presence::Online)]);
        }
        assert_eq!(announce(&mut announced, &[1], 9), [(one, Presence::Online)]);
        for _ in 0..=OFFLINE_AFTER {
            announced.diff(&user_ids(&[]), 9);
        }
        assert_eq!(announce(&mut announced, &[], 9), [(one, Presence::Offline)]);
    }

    #[test]
    fn many_changes_are_published_in_batches() {
        let mut announced = Announced::default();
        let crowd: Vec<u128> = (1..=10_000).collect();
        let mut ticks = 0;
        while !announce(&mut announced, &crowd, 100).is_empty() {
            ticks += 1;
        }
        assert_eq!(ticks, 100);
        assert_eq!(announced.online.len(), 10_000);
    }
}
