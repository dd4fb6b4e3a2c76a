//! Presence across the nodes on one PostgreSQL: each node keeps one row with the users connected to it.

use crate::{
    Clock,
    events::hub::Hub,
    store::{self, Backend, Store, presence::NodeRow},
};
use protocol::{id::UserId, time::Time, user::Presence};
use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Heartbeat interval of a node when no user connects or disconnects.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// A node without a heartbeat for this long is considered offline, with all its users.
const NODE_TIMEOUT: Duration = Duration::from_secs(20);
/// Rows of nodes not seen for this many milliseconds are purged; the clocks of the machines differ by less.
const PURGE_AFTER: i64 = 24 * 60 * 60 * 1000;

/// This node, and the other nodes as last seen.
#[derive(Debug)]
pub struct Nodes {
    node: Uuid,
    version: i64,
    presences: BTreeMap<UserId, Presence>,
    /// When this node last sent a heartbeat.
    sent_at: Option<Instant>,
    others: HashMap<Uuid, RemoteNode>,
}

#[derive(Debug)]
struct RemoteNode {
    version: i64,
    seen_at: Time,
    /// When the row last changed, by our own clock.
    received_at: Instant,
    user_ids: Vec<UserId>,
}

impl Nodes {
    pub fn new(node: Uuid) -> Self {
        Self { node, version: 0, presences: BTreeMap::new(), sent_at: None, others: HashMap::new() }
    }

    /// Publishes the users of this node and reads those of the others.
    pub async fn sync(&mut self, store: &Store, hub: &Hub, clock: &Clock) -> sqlx::Result<()> {
        if matches!(store.read, Backend::Sqlite(_)) {
            return Ok(());
        }
        self.publish(store, hub.presences_here(), clock.now()).await?;
        let rows = store::presence::list_nodes(&store.read).await?;
        self.others.retain(|node, _| rows.iter().any(|row| row.node == *node));
        let me = self.node;
        for row in rows.into_iter().filter(|row| row.node != me) {
            self.receive(store, row).await?;
        }
        let active = self.others.values().filter(|other| other.received_at.elapsed() < NODE_TIMEOUT);
        hub.set_presences_elsewhere(
            active.flat_map(|other| other.user_ids.iter().map(|user| (*user, Presence::Online))).collect(),
        );
        Ok(())
    }

    async fn publish(&mut self, store: &Store, presences: BTreeMap<UserId, Presence>, at: Time) -> sqlx::Result<()> {
        let changed = self.sent_at.is_none() || presences != self.presences;
        if changed {
            self.version += 1;
            let row = NodeRow { node: self.node, version: self.version, seen_at: at };
            store::presence::replace(&store.write, row, &presences.keys().copied().collect::<Vec<_>>()).await?;
            self.presences = presences;
        } else if self.sent_at.is_some_and(|sent_at| sent_at.elapsed() < HEARTBEAT) {
            return Ok(());
        } else {
            store::presence::touch(&store.write, self.node, at).await?;
            store::presence::purge(&store.write, at.plus(-PURGE_AFTER)).await?;
        }
        self.sent_at = Some(Instant::now());
        Ok(())
    }

    async fn receive(&mut self, store: &Store, row: NodeRow) -> sqlx::Result<()> {
        match self.others.get_mut(&row.node) {
            Some(other) if other.version == row.version => {
                if other.seen_at != row.seen_at {
                    (other.seen_at, other.received_at) = (row.seen_at, Instant::now());
                }
            }
            _ => {
                let user_ids = store::presence::list_users(&store.read, row.node).await?;
                let other =
                    RemoteNode { version: row.version, seen_at: row.seen_at, received_at: Instant::now(), user_ids };
                self.others.insert(row.node, other);
            }
        }
        Ok(())
    }
}
