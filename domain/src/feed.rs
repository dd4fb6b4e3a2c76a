//! The ordered stream of committed events on this node: straight from the ledger, and from the database wherever the
//! ledger's batches leave a gap, which is what other nodes wrote. The database is the truth.

use crate::{
    Clock, StartError,
    hub::{Burst, Frame, Hub},
    ledger::Entry,
    sessions::SessionCache,
    sight::Sight,
    store::{self, On, Store},
    subjects::{self, Told},
};
use bytes::Bytes;
use protocol::{
    cursor::Cursor,
    event::{Change, Event},
    id::RoomId,
    time::Time,
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
};

/// What one batch of the ledger did.
#[derive(Debug)]
pub struct Committed {
    pub first: i64,
    pub at: Time,
    pub entries: Vec<Entry>,
}

impl Committed {
    /// The position of the last entry.
    pub fn last(&self) -> i64 {
        self.first + i64::try_from(self.entries.len()).unwrap_or(i64::MAX) - 1
    }
}

/// Batches between the ledger and the feed; when full the ledger waits.
pub const QUEUE: usize = 64;
/// How often a node looks for what other nodes wrote.
const POLL: Duration = Duration::from_millis(200);
/// With NATS connected, only every so many polls look; without it, each does.
const RARELY: u32 = 10;
/// Events read at once where there is a gap.
const GAP: i64 = 1000;

/// What NATS carries: that the stream of a database has grown. What it grew by is read from the database, so losing
/// NATS costs at most a poll, never an event.
pub struct Neighbours {
    client: async_nats::Client,
    wakes: async_nats::Subscriber,
    /// The last position to tell the others. Only the newest matters, so nothing queues while NATS is away.
    newest: watch::Sender<i64>,
    /// Ends with us.
    _waking: JoinSet<()>,
}

impl Neighbours {
    /// Joins the nodes that share a database. NATS may come and go: the client reconnects by itself.
    pub async fn join(url: &str, epoch: u32) -> Result<Self, StartError> {
        let failed = |e: &dyn std::fmt::Display| StartError(format!("feed-url: cannot use NATS: {e}"));
        let options = async_nats::ConnectOptions::new().name("lair").retry_on_initial_connect();
        let client = options.connect(url).await.map_err(|e| failed(&e))?;
        let subject = format!("lair.{epoch:08x}");
        let wakes = client.subscribe(subject.clone()).await.map_err(|e| failed(&e))?;
        let (newest, positions) = watch::channel(0);
        let mut waking = JoinSet::new();
        waking.spawn(wake(client.clone(), subject, positions));
        Ok(Self { client, wakes, newest, _waking: waking })
    }

    fn is_connected(&self) -> bool {
        self.client.connection_state() == async_nats::connection::State::Connected
    }
}

/// Wakes the other nodes: a task of its own, because NATS makes whoever publishes wait when it does not come forward.
async fn wake(client: async_nats::Client, subject: String, mut positions: watch::Receiver<i64>) {
    while positions.changed().await.is_ok() {
        let position = positions.borrow_and_update().to_string();
        if let Err(error) = client.publish(subject.clone(), position.into()).await {
            tracing::warn!(%error, "cannot wake the other nodes; they look by themselves");
        }
    }
}

/// Brings committed events to the hub, in order and each once.
pub struct Feed {
    pub store: Store,
    pub clock: Clock,
    pub hub: Arc<Hub>,
    pub sessions: SessionCache,
    pub epoch: u32,
    /// The last position that was told.
    pub told: i64,
    pub neighbours: Option<Neighbours>,
}

impl Feed {
    /// Runs until the ledger is done.
    pub async fn run(mut self, mut batches: mpsc::Receiver<Committed>) {
        let mut poll = tokio::time::interval(POLL);
        poll.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut ticks = 0_u32;
        let has_neighbours = matches!(self.store.read, On::Postgres(_));
        loop {
            tokio::select! {
                batch = batches.recv() => match batch {
                    Some(batch) => {
                        let last = batch.last();
                        self.take(batch).await;
                        if let Some(neighbours) = &self.neighbours {
                            neighbours.newest.send_replace(last);
                        }
                    }
                    None => return,
                },
                Some(position) = woken(self.neighbours.as_mut()) => if position > self.told {
                    self.catch_up().await;
                },
                _ = poll.tick(), if has_neighbours => {
                    ticks += 1;
                    if ticks.is_multiple_of(RARELY) || !self.neighbours.as_ref().is_some_and(Neighbours::is_connected) {
                        self.catch_up().await;
                    }
                }
            }
        }
    }

    async fn take(&mut self, batch: Committed) {
        if batch.first > self.told + 1 && !self.fill(batch.first - 1).await {
            // What this batch did is in the database; the next poll or batch tells it, in order.
            return;
        }
        let skip = usize::try_from(self.told + 1 - batch.first).unwrap_or_default();
        let events = batch.entries.into_iter().zip(batch.first..).skip(skip);
        self.tell_all(events.map(|(entry, position)| (position, batch.at, entry)));
    }

    async fn catch_up(&mut self) {
        match store::service::find(&self.store.read).await {
            Ok(service) if service.position > self.told => {
                self.fill(service.position).await;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "cannot look for new events; trying again"),
        }
    }

    /// Tells the events up to a position from the database.
    async fn fill(&mut self, until: i64) -> bool {
        while self.told < until {
            let end = until.min(self.told + GAP);
            let sight = Sight { at: self.clock.now(), hub: self.hub.clone() };
            match subjects::read_all(&self.store, &sight, self.told, end).await {
                Ok((events, end)) => {
                    self.tell_all(events.into_iter());
                    self.told = end;
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot read events; trying again");
                    return false;
                }
            }
        }
        true
    }

    /// Tells events in their order. Messages that follow each other in one room go out together: each listener wakes
    /// once for all of them.
    fn tell_all(&mut self, events: impl Iterator<Item = Told>) {
        let mut run: (Option<RoomId>, Vec<Frame>) = (None, Vec::new());
        for (position, at, entry) in events {
            let is_message = matches!(entry.change, Change::MessageCreated(_));
            if !is_message || entry.room != run.0 {
                self.tell_run(&mut run);
            }
            if is_message {
                self.told = position;
                run.0 = entry.room;
                let bytes = serialise(self.epoch, position, at, entry.change);
                run.1.extend(bytes.map(|bytes| Frame { position: Some(position), bytes }));
            } else {
                self.tell(position, at, entry);
            }
        }
        self.tell_run(&mut run);
    }

    fn tell_run(&self, (room, frames): &mut (Option<RoomId>, Vec<Frame>)) {
        if let Some(room) = room.take() {
            self.hub.tell_room(room, &frames.drain(..).collect());
        }
    }

    fn tell(&mut self, position: i64, at: Time, entry: Entry) {
        self.told = position;
        let Entry { room, user, change, .. } = entry;
        // Who comes in hears of it, who goes out hears of it as a person and of nothing after.
        match &change {
            Change::MemberJoined(change) => self.hub.join(change.room.id, change.member.user.id),
            Change::MemberLeft(change) => self.hub.leave(change.room.id, change.member.user.id),
            Change::UserUpdated(user) => self.sessions.change_role(user.id, user.role),
            _ => {}
        }
        let over = match (&change, user) {
            (Change::SessionEnded(session), Some(user)) => Some((user, session.session_id)),
            _ => None,
        };
        let Some(bytes) = serialise(self.epoch, position, at, change) else { return };
        let burst: Burst = [Frame { position: Some(position), bytes }].into();
        if let Some(room) = room {
            self.hub.tell_room(room, &burst);
        }
        if let Some(user) = user {
            self.hub.tell(user, &burst);
        }
        if let Some((user, session)) = over {
            self.sessions.end(session);
            self.hub.end_session(user, session);
        }
    }
}

/// The position of which another node tells; never, without NATS.
async fn woken(neighbours: Option<&mut Neighbours>) -> Option<i64> {
    use futures::StreamExt as _;
    let message = neighbours?.wakes.next().await?;
    // Our own wake comes back too, and is behind us by then.
    std::str::from_utf8(&message.payload).ok()?.parse().ok()
}

/// An event as it travels: once, however many receive it.
pub fn serialise(epoch: u32, position: i64, at: Time, change: Change) -> Option<Bytes> {
    let event = Event { room_id: change.room_id(), change, cursor: Cursor { epoch, position }, at };
    match serde_json::to_vec(&event) {
        Ok(json) => Some(json.into()),
        Err(error) => {
            tracing::error!(%error, position, "an event could not be written");
            None
        }
    }
}
