//! Many clients in rooms, controlled together, and the measurements of them and of the server.

use crate::{
    client::{
        member::{Counters, Member, Pacing, RoundRobin, RunState},
        rest,
        socket::{Endpoint, Socket},
    },
    process::Process,
    statistics::{Latencies, real},
};
use anyhow::{Context as _, Result, bail};
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep, timeout},
};

/// Runs before measuring, so that buffers have grown and queues are as full as they will be.
const WARM_UP: Duration = Duration::from_millis(500);
/// How long the last deliveries may take after the last send.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);

/// Triggers that may wait for a sender.
const QUEUED_TRIGGERS: usize = 256;

/// The configuration of a client.
pub struct ClientConfig {
    /// How the client connects.
    pub endpoint: Endpoint,
    /// Its room, in which no message has been sent yet.
    pub room: String,
    /// Whether it sends messages.
    pub sends: bool,
}

/// What was done in a period of time.
#[derive(Clone, Copy, Debug)]
pub struct Measurement {
    /// Its length, in seconds.
    pub seconds: f64,
    /// Messages delivered to clients.
    pub deliveries: f64,
    /// Sends acknowledged.
    pub acks: f64,
    /// CPU seconds that the server used.
    pub cpu: f64,
}

struct RoomCounters {
    room: String,
    counters: Arc<Counters>,
}

/// Connected clients.
pub struct Clients {
    shared: Arc<RunState>,
    rooms: Vec<RoomCounters>,
    senders: Vec<mpsc::Sender<u64>>,
    running: JoinSet<Result<()>>,
}

impl Clients {
    /// Connects clients to one room. In a closed loop, the next message is sent once all clients have received one.
    pub async fn in_one_room(configs: Vec<ClientConfig>) -> Result<Self> {
        let members = u32::try_from(configs.len())?;
        Self::connect(configs, |senders| Pacing::OnDelivery(RoundRobin::new(members, senders))).await
    }

    /// Connects clients to many rooms. In a closed loop, each client sends its next message once one of its own was
    /// acknowledged.
    pub async fn in_many_rooms(configs: Vec<ClientConfig>) -> Result<Self> {
        Self::connect(configs, |_| Pacing::OnAck).await
    }

    async fn connect(
        configs: Vec<ClientConfig>,
        pacing: impl FnOnce(Vec<mpsc::Sender<u64>>) -> Pacing,
    ) -> Result<Self> {
        let sockets =
            rest::for_each(&configs, async |config: &ClientConfig| Socket::open(&config.endpoint).await).await?;
        let (senders, triggers): (Vec<_>, Vec<_>) =
            configs.iter().filter(|config| config.sends).map(|_| mpsc::channel(QUEUED_TRIGGERS)).unzip();
        let state = Arc::new(RunState {
            pacing: pacing(senders.clone()),
            sending: false.into(),
            timing: false.into(),
            started_at: Instant::now(),
        });
        let (mut rooms, mut running, mut triggers) = (Vec::new(), JoinSet::new(), triggers.into_iter());
        // Client ids are unique per author, also if the same user is in another run later.
        let run_id = uuid::Uuid::new_v4().simple().to_string();
        for ((ClientConfig { room, sends, .. }, socket), number) in configs.into_iter().zip(sockets).zip(0..) {
            let counters = Arc::new(Counters::default());
            rooms.push(RoomCounters { room: room.clone(), counters: Arc::clone(&counters) });
            let name = format!("{}-{number}", &run_id[..12]);
            let member = Member::new(name, room, socket, Arc::clone(&state), counters);
            let trigger = if sends { triggers.next() } else { None };
            match trigger {
                Some(triggers) => running.spawn(member.send_on_trigger(triggers)),
                None => running.spawn(member.receive_only()),
            };
        }
        Ok(Self { shared: state, rooms, senders, running })
    }

    /// Each sender has `window` messages in flight, and sends the next one as soon as one is done.
    pub async fn closed_loop(&mut self, server: &Process, window: usize, length: Duration) -> Result<Measurement> {
        self.shared.sending.store(true, Relaxed);
        let now = self.shared.now();
        for sender in self.senders.iter().cycle().take(self.senders.len() * window) {
            sender.send(now).await.context("a sender has left")?;
        }
        self.wait(WARM_UP).await?;
        let work = self.measure(server, length).await;
        self.shared.sending.store(false, Relaxed);
        let work = work?;
        self.drain().await?;
        Ok(work)
    }

    /// The senders in turn send `rate` messages per second, however long the deliveries take.
    pub async fn open_loop(
        &mut self,
        server: &Process,
        rate: u32,
        length: Duration,
    ) -> Result<(Measurement, Latencies)> {
        let (senders, state) = (self.senders.clone(), Arc::clone(&self.shared));
        let mut ticks = interval(Duration::from_secs(1) / rate);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let pacing = tokio::spawn(async move {
            for sender in senders.iter().cycle() {
                // The stamp is the time at which it was due, so that a late start counts as waiting.
                let due = ticks.tick().await.into_std();
                let stamp = u64::try_from(due.duration_since(state.started_at).as_micros()).unwrap_or_default();
                if sender.send(stamp).await.is_err() {
                    return;
                }
            }
        });
        self.wait(WARM_UP).await?;
        self.shared.timing.store(true, Relaxed);
        let work = self.measure(server, length).await;
        pacing.abort();
        let work = work?;
        self.drain().await?;
        self.shared.timing.store(false, Relaxed);
        let mut latencies = Vec::new();
        for room in &self.rooms {
            latencies.append(&mut room.counters.latencies.lock().unwrap_or_else(PoisonError::into_inner));
        }
        Ok((work, Latencies::from_micros(latencies)))
    }

    async fn measure(&mut self, server: &Process, length: Duration) -> Result<Measurement> {
        let (started, before, cpu) = (Instant::now(), self.totals(), server.cpu_seconds()?);
        self.wait(length).await?;
        let (seconds, after, cpu_after) = (started.elapsed().as_secs_f64(), self.totals(), server.cpu_seconds()?);
        let (deliveries, acks) = (real(after.0 - before.0), real(after.1 - before.1));
        Ok(Measurement { seconds, deliveries, acks, cpu: cpu_after - cpu })
    }

    /// Deliveries and acknowledgements so far.
    fn totals(&self) -> (u64, u64) {
        self.rooms.iter().fold((0, 0), |(deliveries, acks), RoomCounters { counters, .. }| {
            (deliveries + counters.delivered.load(Relaxed), acks + counters.acked.load(Relaxed))
        })
    }

    /// Waits; a client that fails meanwhile fails the run.
    async fn wait(&mut self, length: Duration) -> Result<()> {
        tokio::select! {
            () = sleep(length) => Ok(()),
            Some(ended) = self.running.join_next() => {
                ended.context("a member crashed")??;
                bail!("a member left")
            }
        }
    }

    /// Waits until all messages of a room were delivered to all of its clients, and all sends were acknowledged.
    async fn drain(&mut self) -> Result<()> {
        let waiting = async {
            while self.missing() > 0 {
                self.wait(Duration::from_millis(10)).await?;
            }
            Ok(())
        };
        match timeout(DRAIN_TIMEOUT, waiting).await {
            Ok(done) => done,
            Err(_) => bail!("{} deliveries or acknowledgements never came", self.missing()),
        }
    }

    /// Missing deliveries and acknowledgements; too many of them would be as wrong as too few.
    fn missing(&self) -> u64 {
        let mut sent: HashMap<&str, u64> = HashMap::new();
        for room in &self.rooms {
            *sent.entry(&room.room).or_default() += room.counters.sent.load(Relaxed);
        }
        let of_room = |room: &RoomCounters| sent[room.room.as_str()].abs_diff(room.counters.delivered.load(Relaxed));
        let deliveries: u64 = self.rooms.iter().map(of_room).sum();
        match self.totals() {
            // A server that only broadcasts sends no acknowledgements.
            (_, 0) => deliveries,
            (_, acks) => deliveries + sent.values().sum::<u64>().abs_diff(acks),
        }
    }
}
