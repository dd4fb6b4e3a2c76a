//! The transactions of a follower that follows events.

use crate::{
    error::CommandError,
    events::{
        follower::Follower,
        ledger::{Command, CommandContext},
    },
    store::{self, Tx, events::EventRow, followers::Lease},
};
use async_trait::async_trait;
use protocol::Result;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Failures after which an event is set aside.
pub const MAX_ATTEMPTS: i64 = 5;
/// Characters of an error that are stored.
const MAX_ERROR_CHARS: usize = 1_000;

/// Outcome of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applied {
    /// The events were applied, which took this long.
    Done(Duration),
    /// Several events failed together: they are tried one by one.
    FailedTogether,
    /// One event failed, for this many times.
    Failed(i64),
    /// One event failed for the last time and was set aside.
    SetAside,
    /// Another node runs the follower.
    LeaseLost,
}

/// Applies events and moves the position, both or neither.
pub struct ApplyEvents {
    pub follower: Arc<dyn Follower>,
    pub lease: Lease,
    pub events: Vec<EventRow>,
    /// Position up to which the log was read.
    pub until: i64,
}

#[async_trait]
impl Command for ApplyEvents {
    type Output = Applied;

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Applied, CommandError> {
        let started = Instant::now();
        let expires_at = ctx.at.plus(Lease::MILLISECONDS);
        let events_before = ctx.begin_part(tx).await?;
        if !store::followers::advance(tx, self.lease, self.until, ctx.at, expires_at).await? {
            ctx.keep_part(tx).await?;
            return Ok(Applied::LeaseLost);
        }
        if self.events.is_empty() {
            ctx.keep_part(tx).await?;
            return Ok(Applied::Done(started.elapsed()));
        }
        let error = match self.follower.apply(tx, ctx, &self.events).await {
            Ok(()) => {
                ctx.keep_part(tx).await?;
                return Ok(Applied::Done(started.elapsed()));
            }
            Err(CommandError::Database(error)) if store::ends_transaction(&error) => return Err(error.into()),
            Err(error) => error.to_string(),
        };
        ctx.roll_back_part(tx, events_before).await?;
        let [event] = &self.events[..] else { return Ok(Applied::FailedTogether) };
        let Some(attempts) = store::followers::count_failure(tx, self.lease).await? else {
            return Ok(Applied::LeaseLost);
        };
        let (follower, kind, position) = (self.lease.name, &event.kind, event.position);
        if attempts < MAX_ATTEMPTS {
            tracing::warn!(follower, kind, position, attempts, error, "a follower cannot apply an event; retrying");
            return Ok(Applied::Failed(attempts));
        }
        tracing::error!(follower, kind, position, error, "a follower cannot apply an event; it is set aside");
        let stored: String = error.chars().filter(|c| *c != '\0').take(MAX_ERROR_CHARS).collect();
        store::followers::set_aside(tx, follower, event, &stored, ctx.at).await?;
        store::followers::advance(tx, self.lease, self.until, ctx.at, expires_at).await?;
        Ok(Applied::SetAside)
    }
}

/// Does a part of a rebuild; after the last part, the follower goes on at the position at which the rebuild began.
pub struct Rebuild {
    pub follower: Arc<dyn Follower>,
    pub lease: Lease,
    pub after: Option<Uuid>,
    pub limit: i64,
    /// Position when the rebuild began.
    pub position: i64,
}

/// Outcome of a part of a rebuild: the cursor of the next part and the time that it took; `None` when another node runs
/// the follower.
pub type Rebuilt = Option<(Option<Uuid>, Duration)>;

#[async_trait]
impl Command for Rebuild {
    type Output = Rebuilt;

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Rebuilt, CommandError> {
        let started = Instant::now();
        let expires_at = ctx.at.plus(Lease::MILLISECONDS);
        if !store::followers::touch(tx, self.lease, ctx.at, expires_at).await? {
            return Ok(None);
        }
        let next = self.follower.rebuild(tx, ctx, self.after, self.limit).await?;
        if next.is_none() {
            store::followers::advance(tx, self.lease, self.position, ctx.at, expires_at).await?;
        }
        Ok(Some((next, started.elapsed())))
    }
}
