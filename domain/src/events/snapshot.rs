//! Initial snapshot of a client, and long polling for events after it.

use crate::{
    CloseReason, Service,
    error::DbResultExt,
    store::{self, rooms::RoomRow, snapshot::SnapshotRows, users::UserRow},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    cursor::Cursor,
    error::Code,
    event::Event,
    id::UserId,
    limits,
    permissions::Permission,
    port::EventStream,
    session::Caller,
    sync::{Events, PageSnapshot, Snapshot},
    text_frame,
};
use std::time::Duration;

#[async_trait]
impl EventStream for Service {
    async fn get_snapshot(&self, caller: &Caller) -> Result<Snapshot> {
        Ok(self.get_page_snapshot(caller).await?.snapshot)
    }

    async fn get_page_snapshot(&self, caller: &Caller) -> Result<PageSnapshot> {
        Permission::Read.check(caller)?;
        let rows = store::snapshot::find(&self.store.read, caller.user_id).await.or_internal()?;
        let SnapshotRows { me, service, rooms, blocked } = rows.ok_or_else(Error::internal)?;
        let time_zone = me.time_zone.clone();
        let snapshot = Snapshot {
            settings: me.settings(),
            me: me.into_self(&self.view_context()),
            rooms: rooms.into_iter().map(RoomRow::room).collect(),
            blocked,
            cursor: service.cursor(),
        };
        Ok(PageSnapshot { snapshot, time_zone })
    }

    async fn poll_events(&self, caller: &Caller, after: Cursor, seconds: u64) -> Result<Events> {
        Permission::Read.check(caller)?;
        let mut subscription = self.subscribe(caller, Some(after)).await?;
        if let Err(reason) = subscription.start() {
            return Ok(Events { items: Vec::new(), cursor: after, reset: Some(reason) });
        }
        let mut frames = Vec::new();
        subscription.replay(&mut frames).await.map_err(closed_error)?;
        if frames.is_empty() {
            let wait = Duration::from_secs(seconds.min(limits::POLL_SECONDS));
            // A timeout means that no event happened.
            tokio::time::timeout(wait, subscription.next(&mut frames)).await.unwrap_or(Ok(())).map_err(closed_error)?;
        }
        let items: Vec<Event> =
            frames.iter().flat_map(|frames| text_frame::texts(frames)).filter_map(parse_event).collect();
        Ok(Events { items, cursor: subscription.cursor(), reset: None })
    }
}

impl Service {
    pub(crate) async fn find_user_row(&self, id: UserId) -> Result<UserRow> {
        store::users::find(&self.store.read, id).await.or_internal()?.ok_or_else(|| Error::not_found("user"))
    }
}

/// Parses an event that the feed serialised.
fn parse_event(text: &[u8]) -> Option<Event> {
    serde_json::from_slice(text).inspect_err(|error| tracing::error!(%error, "cannot decode an event")).ok()
}

fn closed_error(reason: CloseReason) -> Error {
    match reason {
        CloseReason::SessionEnded => Error::new(Code::NotSignedIn, "This session has ended. Sign in again."),
        _ => Error::new(Code::Busy, "The server is restarting. Retry with your cursor."),
    }
}
