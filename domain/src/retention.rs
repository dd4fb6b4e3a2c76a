//! Purges data that is past its retention.

use crate::{
    Clock,
    accounts::invitations::PurgeInvitations,
    error::CommandError,
    events::ledger::{Actor, Command, CommandContext, Ledger},
    notifications::PurgeNotifications,
    rooms::invitations::PurgeRoomInvitations,
    store::{self, Tx},
};
use async_trait::async_trait;
use protocol::Result;
use std::time::Duration;

/// Purges old data periodically, in small batches.
pub async fn retention_loop(ledger: Ledger, clock: Clock, retention: i64) {
    const INTERVAL: Duration = Duration::from_mins(10);
    let mut interval = tokio::time::interval(INTERVAL);
    loop {
        interval.tick().await;
        let before = clock.now().plus(-retention);
        while matches!(ledger.write(Actor::System, PurgeEvents { before }).await, Ok(true)) {}
        let now = clock.now();
        while matches!(ledger.write(Actor::System, PurgeNotifications { now }).await, Ok(true)) {}
        while matches!(ledger.write(Actor::System, PurgeInvitations { now }).await, Ok(true)) {}
        while matches!(ledger.write(Actor::System, PurgeRoomInvitations { now }).await, Ok(true)) {}
    }
}

struct PurgeEvents {
    before: protocol::time::Time,
}

#[async_trait]
impl Command for PurgeEvents {
    type Output = bool;

    async fn run(&self, tx: &mut Tx, _: &mut CommandContext) -> Result<bool, CommandError> {
        /// Few enough not to delay other commands.
        const BATCH_SIZE: i64 = 5_000;
        Ok(store::events::purge(tx, self.before, BATCH_SIZE).await?)
    }
}
