//! Joining a room with many listeners, against sending a message there.

use crate::{
    client::{rest::for_each, socket::Socket},
    lair::ServerProcess,
    statistics::{median, real},
};
use anyhow::{Context as _, Result, bail};
use protocol::id::RoomId;
use reqwest::Method;
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{sync::Notify, task::JoinSet, time::timeout};

/// Members with a socket.
pub const LISTENERS: usize = 500;
/// Users who join, and messages that are sent, in a round.
const ACTIONS: usize = 40;
/// How long an event may take to reach every socket.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(20);

/// CPU milliseconds of the server for one of each.
pub struct Joins {
    pub join: f64,
    pub send: f64,
}

pub async fn measure(lair: &mut ServerProcess, rounds: usize) -> Result<Joins> {
    lair.register_users(LISTENERS + ACTIONS).await?;
    let room = lair.create_room("Hall", &(0..LISTENERS).collect::<Vec<_>>()).await?;
    let sockets = for_each(0..LISTENERS, async |member| Socket::open(&lair.endpoint(member)).await).await?;
    let mut listeners = Listeners::start(sockets);
    let (mut joins, mut sends) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        sends.push(cost(lair, &mut listeners, |number| send(lair, room, round, number)).await?);
        joins.push(cost(lair, &mut listeners, |number| visit(lair, room, "join", number)).await?);
        cost(lair, &mut listeners, |number| visit(lair, room, "leave", number)).await?;
    }
    Ok(Joins { join: median(joins), send: median(sends) })
}

/// CPU milliseconds of the server for one of these actions, each of which is one event for every listener.
async fn cost<F: Future<Output = Result<()>>>(
    lair: &ServerProcess,
    listeners: &mut Listeners,
    act: impl Fn(usize) -> F,
) -> Result<f64> {
    let before = lair.process.cpu_seconds()?;
    for number in 0..ACTIONS {
        let received = listeners.received();
        act(number).await?;
        listeners.wait_for(received + LISTENERS).await?;
    }
    Ok((lair.process.cpu_seconds()? - before) / real(ACTIONS as u64) * 1_000.0)
}

async fn send(lair: &ServerProcess, room: RoomId, round: usize, number: usize) -> Result<()> {
    let body = "The kettle is on and the notes from this morning are in the usual place, have a look.";
    let message = json!({"body": body, "client_id": format!("hall-{round}-{number}")});
    let token = &lair.users[number % LISTENERS].token;
    lair.rest.post::<serde_json::Value>(token, &format!("/rooms/{room}/messages"), &message).await.map(drop)
}

async fn visit(lair: &ServerProcess, room: RoomId, what: &str, number: usize) -> Result<()> {
    let token = &lair.users[LISTENERS + number].token;
    lair.rest.send_without_body(Method::POST, token, &format!("/rooms/{room}/{what}")).await
}

/// Sockets that count the events of members and messages.
struct Listeners {
    received: Arc<AtomicUsize>,
    changed: Arc<Notify>,
    reading: JoinSet<Result<()>>,
}

impl Listeners {
    fn start(sockets: Vec<Socket>) -> Self {
        let (received, changed) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let mut reading = JoinSet::new();
        for socket in sockets {
            reading.spawn(listen(socket, Arc::clone(&received), Arc::clone(&changed)));
        }
        Self { received, changed, reading }
    }

    fn received(&self) -> usize {
        self.received.load(Relaxed)
    }

    /// Waits until this many events have arrived in all; a socket that closes is an error.
    async fn wait_for(&mut self, count: usize) -> Result<()> {
        let arrived = async {
            while self.received.load(Relaxed) < count {
                self.changed.notified().await;
            }
        };
        tokio::select! {
            arrived = timeout(DELIVERY_TIMEOUT, arrived) => arrived.context("an event did not reach every socket"),
            Some(ended) = self.reading.join_next() => {
                ended.context("a listener crashed")??;
                bail!("a listener left")
            }
        }
    }
}

async fn listen(mut socket: Socket, received: Arc<AtomicUsize>, changed: Arc<Notify>) -> Result<()> {
    loop {
        let mut events = 0;
        socket
            .read(|frame| {
                let counts = [&br#"{"type":"member."#[..], br#"{"type":"message."#];
                events += usize::from(counts.iter().any(|start| frame.starts_with(start)));
                Ok(())
            })
            .await?;
        socket.flush().await?;
        if events > 0 {
            received.fetch_add(events, Relaxed);
            changed.notify_one();
        }
    }
}
