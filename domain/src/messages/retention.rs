//! Purges messages that are older than the retention of their room.

use crate::{
    error::{CommandError, DbResultExt},
    events::{
        follower::{
            Follower,
            batch_job::{BatchJob, BatchJobs},
        },
        ledger::CommandContext,
    },
    store::{self, Tx},
};
use async_trait::async_trait;
use protocol::{
    Result,
    event::{Change, MessagesPurged},
    id::RoomId,
};
use std::time::Duration;

/// How often rooms are searched for old messages.
const INTERVAL: Duration = Duration::from_mins(10);
/// Rooms read at once.
const PAGE: i64 = 200;

/// Purges old messages, room by room.
pub struct MessageRetention;

#[async_trait]
impl Follower for MessageRetention {
    fn name(&self) -> &'static str {
        "message-retention"
    }

    fn interval(&self) -> Option<Duration> {
        Some(INTERVAL)
    }

    async fn run_periodic(&self, jobs: &BatchJobs<'_>) -> Result<()> {
        let mut after = None;
        loop {
            let rooms = store::rooms::list_retention(&jobs.store.read, after, PAGE).await.or_internal()?;
            let is_last = i64::try_from(rooms.len()).unwrap_or(PAGE) < PAGE;
            after = rooms.last().map(|room| room.id);
            for room in rooms.into_iter().filter(|room| room.has_due_messages(jobs.now)) {
                jobs.run(PurgeMessages { room: room.id }).await?;
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

/// Purges the messages of a room from the oldest up to the first that is not past the retention. The last batch publishes
/// one event for all of them: until then it leaves messages to purge, so that a restart does not lose the event.
#[derive(Clone)]
struct PurgeMessages {
    room: RoomId,
}

#[async_trait]
impl BatchJob for PurgeMessages {
    fn room(&self) -> Option<RoomId> {
        Some(self.room)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext, limit: i64) -> Result<i64, CommandError> {
        let room = self.room;
        let oldest = store::messages::find_oldest(tx, room, ctx.at, limit + 1).await?;
        let Some(oldest) = oldest else { return Ok(0) };
        let is_last = oldest.first_kept.is_some() || oldest.count <= limit;
        let before_seq = match oldest.first_kept {
            Some(first_kept) => first_kept,
            // All of them are old: all are purged, or all but one if there may be more.
            None if is_last => oldest.last + 1,
            None => oldest.last,
        };
        let purged = store::messages::purge(tx, room, before_seq).await?;
        if is_last && before_seq - 1 > oldest.purged_seq {
            store::messages::set_purged_seq(tx, room, before_seq - 1).await?;
            let change = Change::MessagesPurged(MessagesPurged { room_id: room, before_seq });
            ctx.publish_to_room(room, room.0, change);
            // Also counts when an earlier batch purged the messages, and the retention was changed since.
            return Ok(purged.max(1));
        }
        Ok(purged)
    }
}
