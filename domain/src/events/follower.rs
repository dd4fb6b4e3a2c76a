//! Followers: background work that reads the event log, or that runs from time to time. A follower has a name, and a
//! position in the log that is stored in the transaction of its changes. Among several nodes one runs it, while it holds
//! the follower's lease.

mod apply;
pub mod batch_job;
mod batch_size;
pub mod command_line;
mod runner;

#[cfg(test)]
mod tests;

use crate::{
    clock::Clock,
    error::CommandError,
    events::{
        follower::{batch_job::BatchJobs, runner::Runner},
        ledger::{CommandContext, Ledger},
    },
    store::{self, Store, Tx, events::EventRow},
};
use async_trait::async_trait;
use protocol::{Result, event::EventKind};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};
use uuid::Uuid;

/// Background work with a name.
#[async_trait]
pub trait Follower: Send + Sync + 'static {
    /// Stable name, for its row, the command line and the metrics.
    fn name(&self) -> &'static str;

    /// Events that it follows. Without any, it has no position and does not keep the log from being purged.
    fn kinds(&self) -> &'static [EventKind] {
        &[]
    }

    /// Applies events in the order of the log, in one transaction with the position. It reads the current state of their
    /// subjects, and may get events of before a rebuild again.
    async fn apply(&self, _: &mut Tx, _: &mut CommandContext, _: &[EventRow]) -> Result<(), CommandError> {
        Ok(())
    }

    /// Does a part of a rebuild from the tables, about `limit` rows: the first part, without a cursor, deletes what `apply`
    /// wrote. Returns the cursor of the next part; `None` after the last one.
    async fn rebuild(
        &self,
        _: &mut Tx,
        _: &mut CommandContext,
        _after: Option<Uuid>,
        _limit: i64,
    ) -> Result<Option<Uuid>, CommandError> {
        Ok(None)
    }

    /// How often `run_periodic` runs; also when a node begins to run the follower.
    fn interval(&self) -> Option<Duration> {
        None
    }

    /// Does what is due; writes nothing when nothing is.
    async fn run_periodic(&self, _: &BatchJobs<'_>) -> Result<()> {
        Ok(())
    }
}

/// What every follower needs.
#[derive(Clone)]
pub struct FollowerDeps {
    pub store: Store,
    pub clock: Clock,
    pub ledger: Ledger,
    /// Position of the last event that this node has published.
    pub published: watch::Receiver<i64>,
    /// This node.
    pub node: Uuid,
}

/// A request to a follower to run now; the reply is sent when it is done, and dropped if another node runs it.
type RunRequest = oneshot::Sender<()>;

/// The followers of this node.
pub struct Followers {
    requests: Vec<mpsc::Sender<RunRequest>>,
}

impl Followers {
    /// Creates the missing rows, deletes those of unknown followers, and starts a task for each follower.
    pub async fn start(
        deps: FollowerDeps,
        followers: Vec<Arc<dyn Follower>>,
    ) -> sqlx::Result<(Self, Vec<JoinHandle<()>>)> {
        create_rows(&deps, &followers).await?;
        let (mut requests, mut tasks) = (Vec::new(), Vec::new());
        for follower in followers {
            let (sender, receiver) = mpsc::channel(1);
            requests.push(sender);
            tasks.push(tokio::spawn(Runner::new(deps.clone(), follower, receiver).run()));
        }
        Ok((Self { requests }, tasks))
    }

    /// Runs every follower that this node runs, until it has followed the log and done what is due.
    pub async fn run_now(&self) {
        for requests in &self.requests {
            let (sender, done) = oneshot::channel();
            if requests.send(sender).await.is_ok() {
                // An error means that another node runs it.
                let _ = done.await;
            }
        }
    }
}

async fn create_rows(deps: &FollowerDeps, followers: &[Arc<dyn Follower>]) -> sqlx::Result<()> {
    let position = store::service::find(&deps.store.read).await?.position;
    let existing = store::followers::list(&deps.store.read).await?;
    let follows_events = |name: &str| followers.iter().find(|f| f.name() == name).map(|f| !f.kinds().is_empty());
    for row in existing.iter().filter(|row| follows_events(&row.name) != Some(row.position.is_some())) {
        tracing::info!(follower = row.name, "deleting the position of a follower that this version does not have");
        store::followers::delete(&deps.store.write, &row.name).await?;
    }
    for follower in followers {
        let position = (!follower.kinds().is_empty()).then_some(position);
        let exists = |row: &store::followers::FollowerRow| {
            row.name == follower.name() && row.position.is_some() == position.is_some()
        };
        if !existing.iter().any(exists) {
            store::followers::create(&deps.store.write, follower.name(), position).await?;
        }
    }
    Ok(())
}
