//! The followers of the service, and those that purge what is past its retention.

use crate::{
    accounts::invitations::PurgeInvitations,
    auth::{links::PurgeLinks, sessions::SessionExpiry},
    error::CommandError,
    events::{
        follower::{
            Follower,
            batch_job::{BatchJob, BatchJobs},
        },
        ledger::CommandContext,
    },
    messages::retention::MessageRetention,
    notifications::PurgeNotifications,
    rooms::{invitations::PurgeRoomInvitations, settings::PurgeDeletedRooms},
    store::{self, Tx},
};
use async_trait::async_trait;
use protocol::Result;
use std::{sync::Arc, time::Duration};

/// How often old rows are purged.
const INTERVAL: Duration = Duration::from_mins(10);
/// Milliseconds for which events that a follower set aside are kept.
const SET_ASIDE_RETENTION: i64 = 90 * 24 * 60 * 60 * 1000;

/// All followers; events are kept for `event_retention` milliseconds.
pub fn followers(event_retention: i64) -> Vec<Arc<dyn Follower>> {
    vec![
        Arc::new(EventRetention { event_retention }),
        Arc::new(MessageRetention),
        Arc::new(CleanUp),
        Arc::new(SessionExpiry),
    ]
}

/// Purges old events.
struct EventRetention {
    event_retention: i64,
}

#[async_trait]
impl Follower for EventRetention {
    fn name(&self) -> &'static str {
        "event-retention"
    }

    fn interval(&self) -> Option<Duration> {
        Some(INTERVAL)
    }

    async fn run_periodic(&self, jobs: &BatchJobs<'_>) -> Result<()> {
        jobs.run(PurgeEvents { retention: self.event_retention }).await
    }
}

#[derive(Clone)]
struct PurgeEvents {
    retention: i64,
}

#[async_trait]
impl BatchJob for PurgeEvents {
    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext, limit: i64) -> Result<i64, CommandError> {
        Ok(store::events::purge(tx, ctx.at.plus(-self.retention), limit).await?)
    }
}

/// Purges notifications, invitations and links that are past their retention.
struct CleanUp;

#[async_trait]
impl Follower for CleanUp {
    fn name(&self) -> &'static str {
        "clean-up"
    }

    fn interval(&self) -> Option<Duration> {
        Some(INTERVAL)
    }

    async fn run_periodic(&self, jobs: &BatchJobs<'_>) -> Result<()> {
        jobs.run(PurgeNotifications).await?;
        jobs.run(PurgeInvitations).await?;
        jobs.run(PurgeRoomInvitations).await?;
        jobs.run(PurgeDeletedRooms).await?;
        jobs.run(PurgeLinks).await?;
        jobs.run(PurgeSetAsideEvents).await
    }
}

#[derive(Clone)]
struct PurgeSetAsideEvents;

#[async_trait]
impl BatchJob for PurgeSetAsideEvents {
    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext, limit: i64) -> Result<i64, CommandError> {
        Ok(store::followers::purge_set_aside(tx, ctx.at.plus(-SET_ASIDE_RETENTION), limit).await?)
    }
}
