//! The group-commit server: queued messages are stored in one transaction, acknowledged, then delivered.

use crate::baseline::{
    connection::{HubEvent, Queue, SentMessage},
    frame,
    store::Store,
};
use anyhow::Result;
use axum::extract::ws::Utf8Bytes;
use protocol::{
    frame::{AckData, ServerFrame},
    id::RoomId,
    message::Message,
};
use std::{collections::HashMap, thread};
use tokio::sync::mpsc;

/// Events that may wait for the hub, and that it takes at once.
const QUEUE: usize = 1_024;

#[derive(Default)]
struct Room {
    seq: i64,
    members: Vec<u64>,
}

#[derive(Default)]
struct Hub {
    rooms: HashMap<RoomId, Room>,
    queues: HashMap<u64, Queue>,
    position: i64,
}

/// Starts the hub on a thread of its own; returns the sender of its events.
pub fn start(store: Store) -> mpsc::Sender<HubEvent> {
    let (hub, events) = mpsc::channel(QUEUE);
    thread::spawn(move || run(events, store));
    hub
}

fn run(mut events: mpsc::Receiver<HubEvent>, mut store: Store) -> Result<()> {
    let (mut hub, mut batch) = (Hub::default(), Vec::new());
    while events.blocking_recv_many(&mut batch, QUEUE) > 0 {
        let (mut sent, mut messages) = (Vec::new(), Vec::new());
        for event in batch.drain(..) {
            match event {
                HubEvent::Joined(connection, room, queue) => {
                    hub.rooms.entry(room).or_default().members.push(connection);
                    hub.queues.insert(connection, queue);
                }
                HubEvent::Left(connection, room) => {
                    hub.rooms.entry(room).or_default().members.retain(|member| *member != connection);
                    hub.queues.remove(&connection);
                }
                HubEvent::Sent(message) => {
                    messages.push(hub.assign_seq(&message));
                    sent.push(message);
                }
            }
        }
        store.commit(&messages)?;
        for (sent, message) in sent.iter().zip(messages) {
            hub.deliver(sent, message)?;
        }
    }
    Ok(())
}

impl Hub {
    fn assign_seq(&mut self, sent: &SentMessage) -> Message {
        let room = self.rooms.entry(sent.room_id).or_default();
        room.seq += 1;
        frame::message(sent, frame::new_id(), room.seq)
    }

    fn deliver(&mut self, sent: &SentMessage, message: Message) -> Result<()> {
        let ack = frame::text(&ServerFrame::Ack { id: sent.id, data: Some(AckData::Sent((&message).into())) })?;
        self.queue(sent.from, ack);
        self.position += 1;
        let event = frame::event(message, self.position)?;
        let members = self.rooms.get(&sent.room_id).map(|room| room.members.clone()).unwrap_or_default();
        for member in members {
            self.queue(member, event.clone());
        }
        Ok(())
    }

    /// A connection whose queue is full is dropped.
    fn queue(&mut self, connection: u64, frame: Utf8Bytes) {
        if self.queues.get(&connection).is_some_and(|queue| queue.try_send(frame).is_err()) {
            self.queues.remove(&connection);
        }
    }
}
