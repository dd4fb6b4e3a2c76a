//! Event stream of one client: replay of missed events, then live events, without gaps or duplicates.

use crate::{
    CloseReason, Service,
    error::DbResultExt,
    events::{
        feed::event,
        hub::{ConnectionReceiver, FrameWriter, Frames},
        replay,
    },
    store,
};
use bytes::Bytes;
use protocol::{Error, Result, cursor::Cursor, error::Code, frame::ServerFrame, session::Caller, sync::Reset};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Log positions scanned per query during replay.
const PAGE: i64 = 2000;
/// So many positions of the log are searched for the events that a client missed; beyond, a snapshot costs less.
const COUNTED_POSITIONS: i64 = 50_000;
/// Batches of frames taken from the queue at once.
const MAX_BATCHES: usize = 64;

/// A page of the log: its frames, and the position up to which the log was read.
type FramePage = Result<(Option<Arc<Frames>>, i64), CloseReason>;

/// Event stream of one client.
pub struct Subscription {
    service: Arc<Service>,
    caller: Caller,
    receiver: ConnectionReceiver,
    start: Result<(Cursor, bool), Reset>,
    /// Position of the last event sent.
    last_sent: i64,
    /// The log is replayed up to this position; the queue has all later events.
    replay_until: i64,
    live: bool,
    /// Whether to include ephemeral events, which have no position in the stream.
    with_ephemeral: bool,
    /// Kept between calls, so that `next` is cancel-safe. In a task of its own, because a transaction dropped while it
    /// begins would return to the pool still open.
    page: Option<JoinHandle<FramePage>>,
    batches: Vec<Arc<Frames>>,
}

impl Subscription {
    /// Subscribes to the hub before it reads the log, so that no event falls between the two.
    pub(crate) async fn open(service: Arc<Service>, caller: &Caller, cursor: Option<Cursor>) -> Result<Self> {
        let receiver = service.hub.subscribe(caller.user_id, caller.session_id);
        if service.sessions.has_ended(caller.session_id) {
            return Err(Error::new(Code::NotSignedIn, "This session has ended. Sign in again."));
        }
        if service.hub.needs_rooms(caller.user_id) {
            let hidden = store::members::list_hidden(&service.store.read, caller.user_id).await.or_internal()?;
            service.hub.set_hidden(&receiver, hidden);
            let rooms = store::members::list_rooms(&service.store.read, caller.user_id).await.or_internal()?;
            service.hub.set_rooms(&receiver, rooms);
        }
        let now = store::service::find(&service.store.read).await.or_internal()?;
        let start = match cursor {
            None => Ok((now.cursor(), false)),
            Some(c) if c.epoch != now.epoch() || c.position > now.position => Err(Reset::Unknown),
            Some(c) if c.position < now.compacted => Err(Reset::Expired),
            Some(c) => Ok((c, true)),
        };
        let last_sent = start.map_or(now.position, |(cursor, _)| cursor.position);
        Ok(Self {
            service,
            caller: *caller,
            receiver,
            start,
            last_sent,
            replay_until: now.position,
            live: false,
            with_ephemeral: false,
            page: None,
            batches: Vec::new(),
        })
    }

    /// Starts afresh instead if more than `max` events would have to be replayed.
    pub async fn with_max_replay(mut self, max: Option<u32>) -> Result<Self> {
        let (Some(max), Ok((Cursor { position, .. }, true))) = (max.map(i64::from), self.start) else {
            return Ok(self);
        };
        let (db, user) = (&self.service.store.read, self.caller.user_id);
        if self.replay_until - position > COUNTED_POSITIONS
            || store::events::count_for_user(db, user, position, self.replay_until, max + 1).await.or_internal()? > max
        {
            self.start = Err(Reset::TooManyEvents);
            self.last_sent = self.replay_until;
        }
        Ok(self)
    }

    /// Cursor at which the stream starts, and whether a replay follows.
    pub fn start(&self) -> Result<(Cursor, bool), Reset> {
        self.start
    }

    /// Includes ephemeral events such as presence.
    #[must_use]
    pub fn with_ephemeral(mut self) -> Self {
        self.with_ephemeral = true;
        self
    }

    /// Waits for events (or the `live` frame), and appends them as text frames, one or several in each item. Cancel-safe:
    /// nothing is lost if the caller stops waiting.
    pub async fn next(&mut self, frames: &mut Vec<Bytes>) -> Result<(), CloseReason> {
        if !self.live {
            self.replay(frames).await?;
            if self.live {
                let mut writer = FrameWriter::default();
                writer.push(None, &ServerFrame::Live { cursor: self.cursor() });
                frames.extend(writer.take().map(|live| live.bytes.clone()));
            }
            return Ok(());
        }
        loop {
            let before = frames.len();
            self.receive(frames).await?;
            if frames.len() > before {
                return Ok(());
            }
        }
    }

    /// Appends the next missed events; appends nothing when the replay is complete and live events follow.
    pub(crate) async fn replay(&mut self, frames: &mut Vec<Bytes>) -> Result<(), CloseReason> {
        let before = frames.len();
        while self.last_sent < self.replay_until && frames.len() == before {
            let (replayed, position) = self.read().await?;
            self.last_sent = position;
            frames.extend(replayed.map(|page| page.bytes.clone()));
        }
        self.live = self.last_sent >= self.replay_until;
        Ok(())
    }

    /// Cursor of the last event sent.
    pub fn cursor(&self) -> Cursor {
        Cursor { epoch: self.service.epoch, position: self.last_sent }
    }

    async fn receive(&mut self, frames: &mut Vec<Bytes>) -> Result<(), CloseReason> {
        if self.receiver.receive(&mut self.batches, MAX_BATCHES).await == 0 {
            return Err(self.receiver.close_reason());
        }
        for batch in self.batches.drain(..) {
            if let Some(last) = batch.last_position_if_after(self.last_sent) {
                self.last_sent = last;
                frames.push(batch.bytes.clone());
                continue;
            }
            for (position, frame) in batch.iter() {
                match position {
                    // The queue was opened before the log was read: events in both were sent from the log.
                    Some(position) if position <= self.last_sent => continue,
                    Some(position) => self.last_sent = position,
                    None if !self.with_ephemeral => continue,
                    None => {}
                }
                frames.push(frame);
            }
        }
        Ok(())
    }

    async fn read(&mut self) -> FramePage {
        let end = self.replay_until.min(self.last_sent + PAGE);
        let page = self
            .page
            .get_or_insert_with(|| tokio::spawn(read_page(self.service.clone(), self.caller, self.last_sent, end)));
        let read = page.await;
        self.page = None;
        read.unwrap_or(Err(CloseReason::Failed))
    }
}

async fn read_page(service: Arc<Service>, caller: Caller, after: i64, until: i64) -> FramePage {
    let events = replay::read_for(&service.store, &service.view_context(), caller.user_id, after, until)
        .await
        .map_err(|error| {
            tracing::error!(%error, "cannot replay events for a client");
            CloseReason::Failed
        })?;
    // The log was purged while it was read: the client reconnects and gets a reset.
    let (events, end) = events.ok_or(CloseReason::Failed)?;
    let mut writer = FrameWriter::default();
    for (position, at, entry) in events {
        writer.push(Some(position), &event(service.epoch, position, at, entry.change));
    }
    Ok((writer.take(), end))
}
