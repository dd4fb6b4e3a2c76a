//! One client's place in the stream: first what it missed, then what happens, without a gap and without a repeat.

use crate::{
    Closed, Service,
    fault::OrBroken,
    feed::serialise,
    hub::{Burst, Frame, Inlet},
    store, subjects,
};
use bytes::Bytes;
use protocol::{Error, Result, cursor::Cursor, error::Code, frame::ServerFrame, session::Caller, sync::Reset};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Positions of the log looked through at once for what was missed.
const PAGE: i64 = 2000;
/// Bursts taken from the queue at once.
const BURSTS: usize = 64;

/// What was read of the log: the frames, and up to where.
type Page = Result<(Vec<Frame>, i64), Closed>;

/// One client's place in the stream.
pub struct Listener {
    service: Arc<Service>,
    caller: Caller,
    inlet: Inlet,
    start: Result<(Cursor, bool), Reset>,
    /// What has been told so far.
    told: i64,
    /// Up to here the log is read; after it the queue has everything.
    until: i64,
    live: bool,
    /// Whether it is told what only passes by and has no place in the stream.
    hears_presence: bool,
    /// Kept between calls, so that a caller may stop waiting and come back. A task of its own, because a transaction
    /// that is dropped while it begins would go back to the pool still open.
    page: Option<JoinHandle<Page>>,
    bursts: Vec<Burst>,
}

impl Listener {
    /// Joins the stream before it looks at the log, so that nothing falls between the two.
    pub(crate) async fn open(service: Arc<Service>, caller: &Caller, cursor: Option<Cursor>) -> Result<Self> {
        let inlet = service.hub.attach(caller.user_id, caller.session_id);
        if service.sessions.is_over(caller.session_id) {
            return Err(Error::new(Code::NotSignedIn, "This session is over. Sign in again."));
        }
        if service.hub.needs_rooms(caller.user_id) {
            let rooms = store::members::list_rooms(&service.store.read, caller.user_id).await.or_broken()?;
            service.hub.enter(&inlet, rooms);
        }
        let now = store::service::find(&service.store.read).await.or_broken()?;
        let start = match cursor {
            None => Ok((now.cursor(), false)),
            Some(c) if c.epoch != now.epoch() || c.position > now.position => Err(Reset::Unknown),
            Some(c) if c.position < now.compacted => Err(Reset::Expired),
            Some(c) => Ok((c, true)),
        };
        let told = start.map_or(now.position, |(cursor, _)| cursor.position);
        Ok(Self {
            service,
            caller: *caller,
            inlet,
            start,
            told,
            until: now.position,
            live: false,
            hears_presence: false,
            page: None,
            bursts: Vec::new(),
        })
    }

    /// Where the stream goes on from, and whether what was missed follows.
    pub fn start(&self) -> Result<(Cursor, bool), Reset> {
        self.start
    }

    /// The same, told also who comes and goes.
    #[must_use]
    pub fn with_presence(mut self) -> Self {
        self.hears_presence = true;
        self
    }

    /// Waits for frames (JSON text, each an event frame, or the `live` frame) and appends them to `frames`. When the
    /// caller stops waiting nothing is lost.
    pub async fn next(&mut self, frames: &mut Vec<Bytes>) -> Result<(), Closed> {
        if !self.live {
            self.missed(frames).await?;
            if self.live {
                let live = ServerFrame::Live { cursor: self.cursor() };
                frames.extend(serde_json::to_vec(&live).ok().map(Bytes::from));
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

    /// The next of the events that were missed; nothing when there are none left, and what follows is live.
    pub(crate) async fn missed(&mut self, frames: &mut Vec<Bytes>) -> Result<(), Closed> {
        let before = frames.len();
        while self.told < self.until && frames.len() == before {
            let (missed, told) = self.read().await?;
            self.told = told;
            frames.extend(missed.into_iter().map(|frame| frame.bytes));
        }
        self.live = self.told >= self.until;
        Ok(())
    }

    /// What has been told so far.
    pub fn cursor(&self) -> Cursor {
        Cursor { epoch: self.service.epoch, position: self.told }
    }

    async fn receive(&mut self, frames: &mut Vec<Bytes>) -> Result<(), Closed> {
        if self.inlet.receive(&mut self.bursts, BURSTS).await == 0 {
            return Err(self.inlet.why());
        }
        for burst in self.bursts.drain(..) {
            for frame in burst.iter() {
                match frame.position {
                    // The queue began before the log was read: what both have was told from the log.
                    Some(position) if position <= self.told => continue,
                    Some(position) => self.told = position,
                    None if !self.hears_presence => continue,
                    None => {}
                }
                frames.push(frame.bytes.clone());
            }
        }
        Ok(())
    }

    async fn read(&mut self) -> Page {
        let end = self.until.min(self.told + PAGE);
        let page =
            self.page.get_or_insert_with(|| tokio::spawn(read_page(self.service.clone(), self.caller, self.told, end)));
        let read = page.await;
        self.page = None;
        read.unwrap_or(Err(Closed::Failed))
    }
}

async fn read_page(service: Arc<Service>, caller: Caller, after: i64, until: i64) -> Page {
    let told =
        subjects::read_for(&service.store, &service.sight(), caller.user_id, after, until).await.map_err(|error| {
            tracing::error!(%error, "cannot read what a client missed");
            Closed::Failed
        })?;
    // Compacted while it was read: the client reconnects and is told to reset.
    let (told, end) = told.ok_or(Closed::Failed)?;
    let frames = told
        .into_iter()
        .filter_map(|(position, at, entry)| {
            let bytes = serialise(service.epoch, position, at, entry.change)?;
            Some(Frame { position: Some(position), bytes })
        })
        .collect();
    Ok((frames, end))
}
