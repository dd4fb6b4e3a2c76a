//! The broadcast server: the least that delivering to everyone can cost.

use crate::baseline::{
    connection::{HubEvent, Queue},
    frame,
};
use anyhow::Result;
use axum::extract::ws::Utf8Bytes;
use std::collections::HashMap;
use tokio::sync::mpsc;

/// Events that may wait for the hub, and that it takes at once.
const QUEUE: usize = 1_024;

/// Starts the hub; returns the sender of its events.
pub fn start() -> mpsc::Sender<HubEvent> {
    let (hub, events) = mpsc::channel(QUEUE);
    tokio::spawn(run(events));
    hub
}

async fn run(mut events: mpsc::Receiver<HubEvent>) -> Result<()> {
    let (mut connections, mut seq) = (HashMap::<u64, Queue>::new(), 0);
    let (mut batch, mut frames) = (Vec::new(), Vec::<Utf8Bytes>::new());
    while events.recv_many(&mut batch, QUEUE).await > 0 {
        for event in batch.drain(..) {
            match event {
                HubEvent::Joined(connection, _, queue) => drop(connections.insert(connection, queue)),
                HubEvent::Left(connection, _) => drop(connections.remove(&connection)),
                HubEvent::Sent(message) => {
                    seq += 1;
                    frames.push(frame::event(frame::message(&message, frame::new_id(), seq), seq)?);
                }
            }
        }
        // All frames to one connection, then the next: each wakes once. A connection whose queue is full is dropped.
        connections.retain(|_, queue| frames.iter().all(|frame| queue.try_send(frame.clone()).is_ok()));
        frames.clear();
    }
    Ok(())
}
