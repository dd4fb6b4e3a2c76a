//! Who is here, on any node, and telling the others when that changes. Nothing of it is stored or replayed.

mod nodes;

use crate::{
    Clock,
    hub::{Frame, Hub},
    store::{self, On, Store},
};
use bytes::Bytes;
use nodes::Nodes;
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

/// How often it is looked who came and went.
const BEAT: Duration = Duration::from_secs(1);
/// Beats for which someone is missing before they are told to be gone: whoever reconnects was never away.
const PATIENCE: u32 = 10;
/// Frames queued in one beat, over all listeners together. When all of a node's people come back at once, the rest waits
/// for later beats, and what has changed back by then is never told.
const FRAMES: usize = 50_000;
/// Changes told in one beat at most.
const CHANGES: usize = 200;
/// People looked at in one statement.
pub(crate) const CHUNK: usize = 256;

/// What everyone was told of who is here.
#[derive(Debug, Default)]
struct Told {
    here: BTreeSet<UserId>,
    /// For how many beats those who were here have been missing.
    missing: HashMap<UserId, u32>,
}

impl Told {
    /// What is to be told now that these are here, at most `limit` changes; the rest comes with later beats, and what
    /// cannot be told now as well.
    fn follow(&mut self, here: &BTreeSet<UserId>, limit: usize) -> Vec<(UserId, Presence)> {
        self.missing.retain(|user, _| !here.contains(user));
        for user in self.here.difference(here) {
            *self.missing.entry(*user).or_default() += 1;
        }
        let gone =
            self.missing.iter().filter(|(_, beats)| **beats > PATIENCE).map(|(user, _)| (*user, Presence::Offline));
        let came = here.difference(&self.here).map(|user| (*user, Presence::Online));
        gone.chain(came).take(limit).collect()
    }

    /// Notes that these changes were told.
    fn note(&mut self, changes: &[(UserId, Presence)]) {
        for (user, presence) in changes {
            if *presence == Presence::Online {
                self.here.insert(*user);
            } else {
                self.here.remove(user);
                self.missing.remove(user);
            }
        }
    }
}

/// Watches who comes and goes, until it is aborted. Each change is told to all who are in the Lobby.
pub async fn keep(store: Store, hub: Arc<Hub>, clock: Clock, lobby: RoomId, node: Uuid) {
    let mut nodes = Nodes::new(node);
    let mut told = Told::default();
    let mut beat = tokio::time::interval(BEAT);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        beat.tick().await;
        if let Err(error) = nodes.share(&store, &hub, &clock).await {
            tracing::warn!(%error, "the nodes cannot tell each other who is here; trying again");
        }
        let limit = (FRAMES / hub.audience(lobby).max(1)).clamp(1, CHANGES);
        let changes = told.follow(&hub.everyone(), limit);
        match frames(&store, &changes).await {
            Ok(frames) => {
                told.note(&changes);
                if !frames.is_empty() {
                    hub.tell_room(lobby, &frames.into());
                }
            }
            Err(error) => tracing::warn!(%error, "who came or went is told later"),
        }
    }
}

/// Tells the other nodes that nobody is here any more.
pub async fn leave(store: &Store, node: Uuid) {
    if let On::Postgres(_) = &store.write
        && let Err(error) = store::presence::delete(&store.write, node).await
    {
        tracing::warn!(%error, "the other nodes see only later that this one is gone");
    }
}

/// The frames that tell changes, of those who show when they are here.
async fn frames(store: &Store, changes: &[(UserId, Presence)]) -> sqlx::Result<Vec<Frame>> {
    let ids: Vec<UserId> = changes.iter().map(|(user, _)| *user).collect();
    let rows = store::users::list(&store.read, &ids).await?;
    let shows: HashMap<UserId, bool> = rows.iter().map(|row| (row.id, row.settings().privacy.show_online)).collect();
    let told = changes.iter().filter(|(user, _)| shows.get(user) == Some(&true));
    Ok(told
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

    fn people(numbers: &[u128]) -> BTreeSet<UserId> {
        numbers.iter().map(|n| UserId(uuid::Uuid::from_u128(*n))).collect()
    }

    /// What is told in a beat in which it can be.
    fn tell(told: &mut Told, here: &[u128], limit: usize) -> Vec<(UserId, Presence)> {
        let changes = told.follow(&people(here), limit);
        told.note(&changes);
        changes
    }

    #[test]
    fn whoever_comes_back_soon_was_never_away() {
        let mut told = Told::default();
        assert_eq!(tell(&mut told, &[1, 2], 9).len(), 2);
        for _ in 0..PATIENCE {
            assert_eq!(tell(&mut told, &[1], 9), []);
        }
        assert_eq!(tell(&mut told, &[1, 2], 9), []);
        for _ in 0..PATIENCE {
            assert_eq!(tell(&mut told, &[1], 9), []);
        }
        let two = UserId(uuid::Uuid::from_u128(2));
        assert_eq!(tell(&mut told, &[1], 9), [(two, Presence::Offline)]);
        assert_eq!(tell(&mut told, &[1], 9), []);
    }

    #[test]
    fn what_could_not_be_told_is_told_later() {
        let mut told = Told::default();
        let one = UserId(uuid::Uuid::from_u128(1));
        for _ in 0..3 {
            assert_eq!(told.follow(&people(&[1]), 9), [(one, Presence::Online)]);
        }
        assert_eq!(tell(&mut told, &[1], 9), [(one, Presence::Online)]);
        for _ in 0..=PATIENCE {
            told.follow(&people(&[]), 9);
        }
        assert_eq!(tell(&mut told, &[], 9), [(one, Presence::Offline)]);
    }

    #[test]
    fn a_crowd_is_told_a_little_at_a_time() {
        let mut told = Told::default();
        let crowd: Vec<u128> = (1..=10_000).collect();
        let mut beats = 0;
        while !tell(&mut told, &crowd, 100).is_empty() {
            beats += 1;
        }
        assert_eq!(beats, 100);
        assert_eq!(told.here.len(), 10_000);
    }
}
