//! Ordered stream of committed events on this node. Events come directly from the ledger; gaps between the ledger's
//! batches are events of other nodes and are read from the database, which is authoritative.

use crate::{
    Clock, StartError,
    auth::session_cache::SessionCache,
    events::{
        hub::{Frame, Frames, Hub},
        replay::{self, LoggedEvent},
    },
    store::{self, Backend, Store, events::NewEvent},
    users::view::ViewContext,
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

/// Events of one committed batch.
#[derive(Debug)]
pub struct Committed {
    pub first: i64,
    pub at: Time,
    pub events: Vec<NewEvent>,
}

impl Committed {
    /// Position of the last event.
    pub fn last(&self) -> i64 {
        self.first + i64::try_from(self.events.len()).unwrap_or(i64::MAX) - 1
    }
}

/// Batches queued between the ledger and the feed; when the queue is full, the ledger waits.
pub const QUEUE: usize = 64;
/// How often a node polls for events of other nodes.
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// With NATS connected, only every n-th tick polls the database; without it, every tick does.
const POLL_DIVISOR_WITH_NATS: u32 = 10;
/// Events read per query when filling a gap.
const GAP_PAGE_SIZE: i64 = 1000;

/// Notifies the other nodes over NATS that the stream has grown. The events themselves are read from the database, so
/// losing NATS costs at most one poll interval, never an event.
pub struct Cluster {
    client: async_nats::Client,
    notifications: async_nats::Subscriber,
    /// Last position to publish. Only the newest matters, so nothing queues while NATS is unavailable.
    newest: watch::Sender<i64>,
    /// Aborted when this is dropped.
    _notifier: JoinSet<()>,
}

impl Cluster {
    /// Connects to NATS. The client reconnects by itself when NATS is unavailable.
    pub async fn join(url: &str, epoch: u32) -> Result<Self, StartError> {
        let failed = |e: &dyn std::fmt::Display| StartError(format!("feed-url: cannot use NATS: {e}"));
        let options = async_nats::ConnectOptions::new().name("lair").retry_on_initial_connect();
        let client = options.connect(url).await.map_err(|e| failed(&e))?;
        let subject = format!("lair.{epoch:08x}");
        let notifications = client.subscribe(subject.clone()).await.map_err(|e| failed(&e))?;
        let (newest, positions) = watch::channel(0);
        let mut notifier = JoinSet::new();
        notifier.spawn(notify_nodes(client.clone(), subject, positions));
        Ok(Self { client, notifications, newest, _notifier: notifier })
    }

    fn is_connected(&self) -> bool {
        self.client.connection_state() == async_nats::connection::State::Connected
    }
}

/// Notifies the other nodes, in a task of its own because a NATS publish blocks when the connection makes no progress.
async fn notify_nodes(client: async_nats::Client, subject: String, mut positions: watch::Receiver<i64>) {
    while positions.changed().await.is_ok() {
        let position = positions.borrow_and_update().to_string();
        if let Err(error) = client.publish(subject.clone(), position.into()).await {
            tracing::warn!(%error, "cannot notify the other nodes; they poll instead");
        }
    }
}

/// Delivers committed events to the hub, in order and each once.
pub struct Feed {
    pub store: Store,
    pub clock: Clock,
    pub hub: Arc<Hub>,
    pub sessions: SessionCache,
    pub epoch: u32,
    /// Position of the last event published to the hub.
    pub last_published: i64,
    pub cluster: Option<Cluster>,
}

impl Feed {
    /// Runs until the ledger has stopped.
    pub async fn run(mut self, mut batches: mpsc::Receiver<Committed>) {
        let mut poll = tokio::time::interval(POLL_INTERVAL);
        poll.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut ticks = 0_u32;
        let is_clustered = matches!(self.store.read, Backend::Postgres(_));
        loop {
            tokio::select! {
                batch = batches.recv() => match batch {
                    Some(batch) => {
                        let last = batch.last();
                        self.on_batch(batch).await;
                        if let Some(cluster) = &self.cluster {
                            cluster.newest.send_replace(last);
                        }
                    }
                    None => return,
                },
                Some(position) = next_notification(self.cluster.as_mut()) => if position > self.last_published {
                    self.catch_up().await;
                },
                _ = poll.tick(), if is_clustered => {
                    ticks += 1;
                    if ticks.is_multiple_of(POLL_DIVISOR_WITH_NATS) || !self.cluster.as_ref().is_some_and(Cluster::is_connected) {
                        self.catch_up().await;
                    }
                }
            }
        }
    }

    async fn on_batch(&mut self, batch: Committed) {
        if batch.first > self.last_published + 1 && !self.read_gap(batch.first - 1).await {
            // The events of this batch are in the database; the next poll or batch publishes them in order.
            return;
        }
        let skip = usize::try_from(self.last_published + 1 - batch.first).unwrap_or_default();
        let events = batch.events.into_iter().zip(batch.first..).skip(skip);
        self.publish_all(events.map(|(entry, position)| (position, batch.at, entry)));
    }

    async fn catch_up(&mut self) {
        match store::service::find(&self.store.read).await {
            Ok(service) if service.position > self.last_published => {
                self.read_gap(service.position).await;
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "cannot poll for new events; retrying"),
        }
    }

    /// Publishes the events up to a position, read from the database.
    async fn read_gap(&mut self, until: i64) -> bool {
        while self.last_published < until {
            let end = until.min(self.last_published + GAP_PAGE_SIZE);
            let view = ViewContext { at: self.clock.now(), hub: self.hub.clone() };
            match replay::read_all(&self.store, &view, self.last_published, end).await {
                Ok((events, end)) => {
                    self.publish_all(events.into_iter());
                    self.last_published = end;
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot read events; trying again");
                    return false;
                }
            }
        }
        true
    }

    /// Publishes events in order. Consecutive messages of one room are grouped, so that each connection wakes once for
    /// all of them.
    fn publish_all(&mut self, events: impl Iterator<Item = LoggedEvent>) {
        let mut pending: (Option<RoomId>, Vec<Frame>) = (None, Vec::new());
        for (position, at, entry) in events {
            let is_message = matches!(entry.change, Change::MessageCreated(_));
            if !is_message || entry.room != pending.0 {
                self.publish_messages(&mut pending);
            }
            if is_message {
                self.last_published = position;
                pending.0 = entry.room;
                let bytes = serialise(self.epoch, position, at, entry.change);
                pending.1.extend(bytes.map(|bytes| Frame { position: Some(position), bytes }));
            } else {
                self.publish(position, at, entry);
            }
        }
        self.publish_messages(&mut pending);
    }

    fn publish_messages(&self, (room, frames): &mut (Option<RoomId>, Vec<Frame>)) {
        if let Some(room) = room.take() {
            self.hub.publish_to_room(room, &frames.drain(..).collect());
        }
    }

    fn publish(&mut self, position: i64, at: Time, entry: NewEvent) {
        self.last_published = position;
        let NewEvent { room, user, change, .. } = entry;
        // Subscribe a joining user before delivery; unsubscribe a leaving user, who still gets this event directly.
        match &change {
            Change::MemberJoined(change) => self.hub.join(change.room.id, change.member.user.id),
            Change::MemberLeft(change) => self.hub.leave(change.room.id, change.member.user.id),
            Change::UserUpdated(user) => self.sessions.update_role(user.id, user.role),
            _ => {}
        }
        let ended = match (&change, user) {
            (Change::SessionEnded(session), Some(user)) => Some((user, session.session_id)),
            _ => None,
        };
        let Some(bytes) = serialise(self.epoch, position, at, change) else { return };
        let frames: Frames = [Frame { position: Some(position), bytes }].into();
        if let Some(room) = room {
            self.hub.publish_to_room(room, &frames);
        }
        if let Some(user) = user {
            self.hub.publish_to_user(user, &frames);
        }
        if let Some((user, session)) = ended {
            self.sessions.mark_ended(session);
            self.hub.end_session(user, session);
        }
    }
}

/// Next position announced by another node; pending forever without NATS.
async fn next_notification(cluster: Option<&mut Cluster>) -> Option<i64> {
    use futures::StreamExt as _;
    let message = cluster?.notifications.next().await?;
    // NATS also returns our own notification; its position has already been published by then.
    std::str::from_utf8(&message.payload).ok()?.parse().ok()
}

/// Serialises an event once for all receivers.
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
