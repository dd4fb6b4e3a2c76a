//! Many members in rooms, told what to do together, and what they and the server did meanwhile.

use crate::{
    client::{
        member::{Member, Rota, Score, Tally, Turn},
        rest,
        socket::{Door, Socket},
    },
    figures::{Waits, real},
    process::Process,
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

/// Before measuring, so that buffers have grown and queues are as full as they will be.
const WARM_UP: Duration = Duration::from_millis(500);
/// How long the last deliveries may take once nobody speaks.
const DRAIN: Duration = Duration::from_secs(20);

/// Prompts that may wait for a speaker.
const PROMPTS: usize = 256;

/// A place for a member.
pub struct Seat {
    /// How the member connects.
    pub door: Door,
    /// Where it is; a room nobody has said anything in.
    pub room: String,
    /// Whether it speaks.
    pub speaks: bool,
}

/// What was done in a stretch of time.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    /// How long it was, in seconds.
    pub seconds: f64,
    /// Messages delivered to members.
    pub deliveries: f64,
    /// Sends acknowledged.
    pub acks: f64,
    /// CPU seconds that the server used.
    pub cpu: f64,
}

struct Place {
    room: String,
    tally: Arc<Tally>,
}

/// Connected members.
pub struct Crowd {
    score: Arc<Score>,
    places: Vec<Place>,
    speakers: Vec<mpsc::Sender<u64>>,
    running: JoinSet<Result<()>>,
}

impl Crowd {
    /// Connects everyone to their places in one room. In a closed loop the next thing is said once everybody has heard
    /// one.
    pub async fn in_one_room(seats: Vec<Seat>) -> Result<Self> {
        let members = u32::try_from(seats.len())?;
        Self::gather(seats, |speakers| Turn::Delivered(Rota::new(members, speakers))).await
    }

    /// Connects everyone to their places in many rooms. In a closed loop everyone says the next thing once one of theirs
    /// was acknowledged.
    pub async fn in_many_rooms(seats: Vec<Seat>) -> Result<Self> {
        Self::gather(seats, |_| Turn::Acknowledged).await
    }

    async fn gather(seats: Vec<Seat>, turn: impl FnOnce(Vec<mpsc::Sender<u64>>) -> Turn) -> Result<Self> {
        let sockets = rest::for_each(&seats, async |seat: &Seat| Socket::open(&seat.door).await).await?;
        let (speakers, prompts): (Vec<_>, Vec<_>) =
            seats.iter().filter(|seat| seat.speaks).map(|_| mpsc::channel(PROMPTS)).unzip();
        let score = Arc::new(Score {
            turn: turn(speakers.clone()),
            talking: false.into(),
            timing: false.into(),
            begun: Instant::now(),
        });
        let (mut places, mut running, mut prompts) = (Vec::new(), JoinSet::new(), prompts.into_iter());
        // Names of messages are unique for their author, also when the same person sits in another crowd later.
        let crowd = uuid::Uuid::new_v4().simple().to_string();
        for ((Seat { room, speaks, .. }, socket), number) in seats.into_iter().zip(sockets).zip(0..) {
            let tally = Arc::new(Tally::default());
            places.push(Place { room: room.clone(), tally: Arc::clone(&tally) });
            let name = format!("{}-{number}", &crowd[..12]);
            let member = Member::new(name, room, socket, Arc::clone(&score), tally);
            let prompts = if speaks { prompts.next() } else { None };
            match prompts {
                Some(prompts) => running.spawn(member.speak(prompts)),
                None => running.spawn(member.listen()),
            };
        }
        Ok(Self { score, places, speakers, running })
    }

    /// Everyone who speaks has `window` messages under way, and says the next thing as soon as one is done.
    pub async fn closed_loop(&mut self, server: &Process, window: usize, length: Duration) -> Result<Work> {
        self.score.talking.store(true, Relaxed);
        let now = self.score.now();
        for speaker in self.speakers.iter().cycle().take(self.speakers.len() * window) {
            speaker.send(now).await.context("a speaker has left")?;
        }
        self.wait(WARM_UP).await?;
        let work = self.measure(server, length).await;
        self.score.talking.store(false, Relaxed);
        let work = work?;
        self.drain().await?;
        Ok(work)
    }

    /// The speakers in turn say `rate` things a second, however long the deliveries take.
    pub async fn paced(&mut self, server: &Process, rate: u32, length: Duration) -> Result<(Work, Waits)> {
        let (speakers, score) = (self.speakers.clone(), Arc::clone(&self.score));
        let mut ticks = interval(Duration::from_secs(1) / rate);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let pacing = tokio::spawn(async move {
            for speaker in speakers.iter().cycle() {
                // The stamp is when it was due, so that a late start counts as waiting.
                let due = ticks.tick().await.into_std();
                let stamp = u64::try_from(due.duration_since(score.begun).as_micros()).unwrap_or_default();
                if speaker.send(stamp).await.is_err() {
                    return;
                }
            }
        });
        self.wait(WARM_UP).await?;
        self.score.timing.store(true, Relaxed);
        let work = self.measure(server, length).await;
        pacing.abort();
        let work = work?;
        self.drain().await?;
        self.score.timing.store(false, Relaxed);
        let mut waits = Vec::new();
        for place in &self.places {
            waits.append(&mut place.tally.waits.lock().unwrap_or_else(PoisonError::into_inner));
        }
        Ok((work, Waits::of(waits)))
    }

    async fn measure(&mut self, server: &Process, length: Duration) -> Result<Work> {
        let (begun, before, cpu) = (Instant::now(), self.totals(), server.cpu_seconds()?);
        self.wait(length).await?;
        let (seconds, after, cpu_after) = (begun.elapsed().as_secs_f64(), self.totals(), server.cpu_seconds()?);
        let (deliveries, acks) = (real(after.0 - before.0), real(after.1 - before.1));
        Ok(Work { seconds, deliveries, acks, cpu: cpu_after - cpu })
    }

    /// Deliveries and acknowledgements so far.
    fn totals(&self) -> (u64, u64) {
        self.places.iter().fold((0, 0), |(deliveries, acks), Place { tally, .. }| {
            (deliveries + tally.delivered.load(Relaxed), acks + tally.acked.load(Relaxed))
        })
    }

    /// Lets time pass; a member that fails meanwhile fails the run.
    async fn wait(&mut self, length: Duration) -> Result<()> {
        tokio::select! {
            () = sleep(length) => Ok(()),
            Some(ended) = self.running.join_next() => {
                ended.context("a member crashed")??;
                bail!("a member left")
            }
        }
    }

    /// Waits until everyone has been delivered everything that was said in their room, and all sends were acknowledged.
    async fn drain(&mut self) -> Result<()> {
        let waiting = async {
            while self.missing() > 0 {
                self.wait(Duration::from_millis(10)).await?;
            }
            Ok(())
        };
        match timeout(DRAIN, waiting).await {
            Ok(done) => done,
            Err(_) => bail!("{} deliveries or acknowledgements never came", self.missing()),
        }
    }

    /// Deliveries and acknowledgements still to come; too many would be as wrong as too few.
    fn missing(&self) -> u64 {
        let mut said: HashMap<&str, u64> = HashMap::new();
        for place in &self.places {
            *said.entry(&place.room).or_default() += place.tally.sent.load(Relaxed);
        }
        let of_room = |place: &Place| said[place.room.as_str()].abs_diff(place.tally.delivered.load(Relaxed));
        let deliveries: u64 = self.places.iter().map(of_room).sum();
        match self.totals() {
            // A server that only broadcasts acknowledges nothing.
            (_, 0) => deliveries,
            (_, acks) => deliveries + said.values().sum::<u64>().abs_diff(acks),
        }
    }
}
