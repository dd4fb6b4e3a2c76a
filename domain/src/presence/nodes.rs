//! What the nodes on one PostgreSQL tell each other: each keeps one row with everyone who is connected to it.

use crate::{
    Clock,
    hub::Hub,
    store::{self, On, Store, presence::NodeRow},
};
use protocol::{id::UserId, time::Time};
use std::{
    collections::{BTreeSet, HashMap},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How often a node says that it is alive when nobody comes or goes.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// A node that says nothing for this long is gone, with everyone on it.
const SILENCE: Duration = Duration::from_secs(20);
/// Rows of nodes that were not seen for this many milliseconds are deleted; clocks of machines differ by less.
const FORGOTTEN: i64 = 24 * 60 * 60 * 1000;

/// This node, and the others as it knows them.
#[derive(Debug)]
pub struct Nodes {
    node: Uuid,
    version: i64,
    people: BTreeSet<UserId>,
    /// When this node last said that it is alive.
    said: Option<Instant>,
    others: HashMap<Uuid, Other>,
}

#[derive(Debug)]
struct Other {
    version: i64,
    seen_at: Time,
    /// When that last changed, by our own clock.
    heard: Instant,
    people: Vec<UserId>,
}

impl Nodes {
    pub fn new(node: Uuid) -> Self {
        Self { node, version: 0, people: BTreeSet::new(), said: None, others: HashMap::new() }
    }

    /// Tells the others who is here and learns who is there.
    pub async fn share(&mut self, store: &Store, hub: &Hub, clock: &Clock) -> sqlx::Result<()> {
        if matches!(store.read, On::Sqlite(_)) {
            return Ok(());
        }
        self.tell(store, hub.here(), clock.now()).await?;
        let rows = store::presence::list_nodes(&store.read).await?;
        self.others.retain(|node, _| rows.iter().any(|row| row.node == *node));
        let me = self.node;
        for row in rows.into_iter().filter(|row| row.node != me) {
            self.hear(store, row).await?;
        }
        let living = self.others.values().filter(|other| other.heard.elapsed() < SILENCE);
        hub.set_elsewhere(living.flat_map(|other| other.people.iter().copied()).collect());
        Ok(())
    }

    async fn tell(&mut self, store: &Store, here: BTreeSet<UserId>, at: Time) -> sqlx::Result<()> {
        let changed = self.said.is_none() || here != self.people;
        if changed {
            self.version += 1;
            let row = NodeRow { node: self.node, version: self.version, seen_at: at };
            store::presence::replace(&store.write, row, &here.iter().copied().collect::<Vec<_>>()).await?;
            self.people = here;
        } else if self.said.is_some_and(|said| said.elapsed() < HEARTBEAT) {
            return Ok(());
        } else {
            store::presence::touch(&store.write, self.node, at).await?;
            store::presence::delete_before(&store.write, at.plus(-FORGOTTEN)).await?;
        }
        self.said = Some(Instant::now());
        Ok(())
    }

    async fn hear(&mut self, store: &Store, row: NodeRow) -> sqlx::Result<()> {
        match self.others.get_mut(&row.node) {
            Some(other) if other.version == row.version => {
                if other.seen_at != row.seen_at {
                    (other.seen_at, other.heard) = (row.seen_at, Instant::now());
                }
            }
            _ => {
                let people = store::presence::find_people(&store.read, row.node).await?;
                let other = Other { version: row.version, seen_at: row.seen_at, heard: Instant::now(), people };
                self.others.insert(row.node, other);
            }
        }
        Ok(())
    }
}
