//! Periodic work of followers, in transactions that hold the writer only briefly.

use crate::{
    error::CommandError,
    events::{
        follower::batch_size::BatchSize,
        ledger::{Actor, Command, CommandContext, Ledger},
    },
    store::{self, Store, Tx, followers::Lease},
};
use async_trait::async_trait;
use protocol::{Error, Result, id::RoomId, time::Time};
use std::time::{Duration, Instant};

/// Work that is done a batch of rows at a time.
#[async_trait]
pub trait BatchJob: Clone + Send + Sync + 'static {
    /// The room to lock.
    fn room(&self) -> Option<RoomId> {
        None
    }

    /// Changes at most `limit` rows that are due at `ctx.at`; returns how many. With fewer, the job is done.
    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext, limit: i64) -> Result<i64, CommandError>;
}

/// Runs the batch jobs of a follower.
pub struct BatchJobs<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) lease: Lease,
    /// To find out what is due, before anything is written.
    pub store: &'a Store,
    pub now: Time,
}

impl BatchJobs<'_> {
    /// Runs a job until it is done. Between the batches it pauses for as long as they take, so that others can write.
    pub async fn run<J: BatchJob>(&self, job: J) -> Result<()> {
        let mut size = BatchSize::default();
        loop {
            let batch = Batch { job: job.clone(), lease: self.lease, limit: size.0 };
            let (rows, took) = self.ledger.write(Actor::System, batch).await?;
            if rows < size.0 {
                return Ok(());
            }
            size.adapt(took);
            tokio::time::sleep(took).await;
        }
    }
}

struct Batch<J> {
    job: J,
    lease: Lease,
    limit: i64,
}

#[async_trait]
impl<J: BatchJob> Command for Batch<J> {
    /// The number of rows, and the time that they took.
    type Output = (i64, Duration);

    fn room(&self) -> Option<RoomId> {
        self.job.room()
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Self::Output, CommandError> {
        let started = Instant::now();
        let rows = self.job.run(tx, ctx, self.limit).await?;
        // Without changes nothing is written; with changes they are rolled back when another node has the lease.
        if rows > 0 && !store::followers::touch(tx, self.lease, ctx.at, ctx.at.plus(Lease::MILLISECONDS)).await? {
            return Err(lease_lost().into());
        }
        Ok((rows, started.elapsed()))
    }
}

/// The error of a write without the lease; it is never returned to a user.
fn lease_lost() -> Error {
    Error::new(protocol::error::Code::Busy, "Another node runs this follower now.")
}
