//! Ordered stream of committed events on this node. Events come directly from the ledger; gaps between the ledger's
//! batches are events of other nodes and are read from the database, which is authoritative.

use crate::{
    Clock,
    events::view::ViewContext,
    events::{
        cluster::{self, Cluster},
        hub::{FrameWriter, Hub},
        replay::{self, LoggedEvent},
    },
    store::{self, Backend, Store, events::NewEvent},
};
use protocol::{
    cursor::Cursor,
    event::{Change, Event},
    id::{RoomId, SessionId, UserId},
    time::Time,
    user::Role,
};
use std::{sync::Arc, time::Duration};
use tokio::sync::{mpsc, watch};

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

/// Learns from the events of all nodes about roles and sessions, before the clients do.
pub trait SessionObserver: Send {
    /// A user has this role now.
    fn update_role(&self, user: UserId, role: Role);
    /// A session has ended.
    fn mark_ended(&self, session: SessionId);
}

/// Delivers committed events to the hub, in order and each once.
pub struct Feed {
    pub store: Store,
    pub clock: Clock,
    pub hub: Arc<Hub>,
    pub sessions: Box<dyn SessionObserver>,
    pub epoch: u32,
    /// Position of the last event published to the hub.
    pub last_published: i64,
    pub cluster: Option<Cluster>,
    /// Tells the followers of this node the position of the last event published.
    pub published: watch::Sender<i64>,
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
                            cluster.notify(last);
                        }
                    }
                    None => return,
                },
                Some(position) = cluster::next_notification(self.cluster.as_mut()) => if position > self.last_published {
                    self.catch_up().await;
                },
                _ = poll.tick(), if is_clustered => {
                    ticks += 1;
                    if ticks.is_multiple_of(POLL_DIVISOR_WITH_NATS) || !self.cluster.as_ref().is_some_and(Cluster::is_connected) {
                        self.catch_up().await;
                    }
                }
            }
            let last_published = self.last_published;
            self.published.send_if_modified(|position| std::mem::replace(position, last_published) != last_published);
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
                    tracing::warn!(%error, "cannot read events; retrying");
                    return false;
                }
            }
        }
        true
    }

    /// Publishes events in order. Consecutive messages of one room are grouped, so that each connection wakes once for
    /// all of them.
    fn publish_all(&mut self, events: impl Iterator<Item = LoggedEvent>) {
        let mut pending = (None, FrameWriter::default());
        for (position, at, entry) in events {
            let is_message = matches!(entry.change, Change::MessageCreated(_));
            if !is_message || entry.room != pending.0 {
                self.publish_messages(&mut pending);
            }
            if is_message {
                self.last_published = position;
                pending.0 = entry.room;
                pending.1.push(Some(position), &event(self.epoch, position, at, entry.change));
            } else {
                self.publish(position, at, entry);
            }
        }
        self.publish_messages(&mut pending);
    }

    fn publish_messages(&self, (room, writer): &mut (Option<RoomId>, FrameWriter)) {
        if let (Some(room), Some(frames)) = (room.take(), writer.take()) {
            self.hub.publish_to_room(room, &frames);
        }
    }

    fn publish(&mut self, position: i64, at: Time, entry: NewEvent) {
        self.last_published = position;
        let NewEvent { room, user, change, .. } = entry;
        // Subscribe a joining user before delivery; unsubscribe a leaving user, who still gets this event directly.
        match &change {
            Change::MemberJoined(change) => {
                self.hub.hide_history(change.room.id, change.member.user.id, change.member.hidden_until_seq);
                self.hub.join(change.room.id, change.member.user.id);
            }
            Change::MemberLeft(change) => self.hub.leave(change.room.id, change.member.user.id),
            Change::UserUpdated(user) => self.sessions.update_role(user.id, user.role),
            _ => {}
        }
        let seq = match &change {
            Change::MessageUpdated(message) | Change::MessageDeleted(message) => message.seq,
            _ => i64::MAX,
        };
        let deleted = if let Change::RoomDeleted(room) = &change { Some(room.room_id) } else { None };
        let ended = match (&change, user) {
            (Change::SessionEnded(session), Some(user)) => Some((user, session.session_id)),
            _ => None,
        };
        let mut writer = FrameWriter::default();
        writer.push(Some(position), &event(self.epoch, position, at, change));
        let Some(frames) = writer.take() else { return };
        if let Some(room) = room {
            self.hub.publish_change(room, seq, &frames);
        }
        if let Some(user) = user {
            self.hub.publish_to_user(user, &frames);
        }
        if let Some(room) = deleted {
            self.hub.close_room(room);
        }
        if let Some((user, session)) = ended {
            self.sessions.mark_ended(session);
            self.hub.end_session(user, session);
        }
    }
}

/// The event at this position of the stream.
pub fn event(epoch: u32, position: i64, at: Time, change: Change) -> Event {
    Event { room_id: change.room_id(), change, cursor: Cursor { epoch, position }, at }
}
