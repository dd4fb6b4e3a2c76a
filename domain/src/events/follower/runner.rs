//! The task of one follower on one node.

use crate::{
    error::DbResultExt,
    events::{
        follower::{
            Follower, FollowerDeps, RunRequest,
            apply::{Applied, ApplyEvents, Rebuild},
            batch_job::BatchJobs,
            batch_size::BatchSize,
        },
        ledger::Actor,
    },
    store::{self, Backend, followers::Lease},
};
use protocol::{Result, time::Time};
use std::{sync::Arc, time::Duration};
use tokio::{sync::mpsc, time::Instant};

/// How often a node renews its leases, or tries to get them.
const RENEW_INTERVAL: Duration = Duration::from_secs(5);
/// Positions of the log that are read at once.
const SCAN: i64 = 10_000;
/// How long the position may be stored late while no event concerns the follower: it is written with every change.
const SAVE_INTERVAL: Duration = Duration::from_secs(10);
/// Pause after all events were followed, so that a follower does not add a commit to every message.
const PAUSE: Duration = Duration::from_millis(50);
/// Pause after an error, and after the first failure of an event; it doubles with each one.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
const FIRST_RETRY_PAUSE: Duration = Duration::from_millis(50);

pub struct Runner {
    deps: FollowerDeps,
    follower: Arc<dyn Follower>,
    requests: mpsc::Receiver<RunRequest>,
}

/// What a follower does while it holds a lease.
struct Progress {
    lease: Lease,
    /// The last event followed, and the position that is stored; `None` if it follows no events.
    position: Option<(i64, i64)>,
    rebuild: bool,
    saved_at: Instant,
    size: BatchSize,
    /// When the periodic work is due.
    due_at: Option<Instant>,
    renew_at: Instant,
}

/// What to do next.
enum Next {
    /// There may be more to do.
    Continue,
    /// Everything is done for now.
    Wait,
    /// Another node runs the follower.
    Stop,
}

impl Runner {
    pub const fn new(deps: FollowerDeps, follower: Arc<dyn Follower>, requests: mpsc::Receiver<RunRequest>) -> Self {
        Self { deps, follower, requests }
    }

    /// Runs the follower whenever this node has its lease. On SQLite the lock of the data folder is the lease: the newest
    /// process takes it, and the row only fences off an earlier one.
    pub async fn run(mut self) {
        let is_sqlite = matches!(self.deps.store.write, Backend::Sqlite(_));
        loop {
            let now = if is_sqlite { Time(i64::MAX) } else { self.deps.clock.now() };
            match self.acquire(now).await {
                Ok(Some(progress)) => {
                    self.follow(progress, !is_sqlite).await;
                    if is_sqlite {
                        return;
                    }
                }
                Ok(None) => {
                    tokio::select! {
                        () = tokio::time::sleep(RENEW_INTERVAL) => {}
                        // The reply is dropped: another node runs it.
                        Some(_) = self.requests.recv() => {}
                    }
                }
                Err(error) => {
                    tracing::debug!(%error, follower = self.follower.name(), "cannot get a follower's lease; retrying");
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
            }
        }
    }

    async fn acquire(&self, now: Time) -> Result<Option<Progress>> {
        let FollowerDeps { store, clock, node, .. } = &self.deps;
        let name = self.follower.name();
        let until = clock.now().plus(Lease::MILLISECONDS);
        let Some(epoch) = store::followers::acquire(&store.write, name, *node, now, until).await.or_internal()? else {
            return Ok(None);
        };
        // The position is read after the lease was taken: nobody else moves it now. Not from a reader of SQLite, which
        // could be behind.
        let row = store::followers::find(&store.write, name).await.or_internal()?;
        let now = Instant::now();
        Ok(row.map(|row| Progress {
            lease: Lease { name, epoch },
            position: row.position.map(|position| (position, position)),
            rebuild: row.rebuild && row.position.is_some(),
            saved_at: now,
            size: BatchSize::default(),
            due_at: self.follower.interval().map(|_| now),
            renew_at: now + RENEW_INTERVAL,
        }))
    }

    /// Works until the lease is lost.
    async fn follow(&mut self, mut progress: Progress, is_leased: bool) {
        let mut request: Option<RunRequest> = None;
        loop {
            let next = match self.work(&mut progress, request.is_some()).await {
                Ok(next) => next,
                Err(error) => self.after_error(&error, progress.lease).await,
            };
            match next {
                Next::Continue => continue,
                Next::Stop => return,
                Next::Wait => {}
            }
            if let Some(done) = request.take() {
                let _ = done.send(());
            }
            let unsaved = progress.position.is_some_and(|(position, saved)| position != saved);
            let far = Instant::now() + Duration::from_hours(1);
            tokio::select! {
                Ok(()) = self.deps.published.changed(), if progress.position.is_some() => tokio::time::sleep(PAUSE).await,
                () = tokio::time::sleep_until(progress.due_at.unwrap_or(far)), if progress.due_at.is_some() => {}
                () = tokio::time::sleep_until(progress.saved_at + SAVE_INTERVAL), if unsaved => {}
                () = tokio::time::sleep_until(progress.renew_at), if is_leased => {
                    progress.renew_at = Instant::now() + RENEW_INTERVAL;
                    if !self.renew(progress.lease).await {
                        return;
                    }
                }
                Some(requested) = self.requests.recv() => {
                    request = Some(requested);
                    progress.due_at = progress.due_at.map(|_| Instant::now());
                }
            }
        }
    }

    /// Renews the lease; false when it is lost. While the database does not answer, the lease may still be held, and every
    /// write checks it.
    async fn renew(&self, lease: Lease) -> bool {
        let now = self.deps.clock.now();
        let until = now.plus(Lease::MILLISECONDS);
        let renewed = store::followers::renew(&self.deps.store.write, lease.name, lease.epoch, now, until).await;
        renewed.unwrap_or(true)
    }

    /// An error of the ledger: the lease may be lost, or the database may not answer.
    async fn after_error(&self, error: &protocol::Error, lease: Lease) -> Next {
        if let Ok(false) = store::followers::is_held(&self.deps.store.write, lease.name, lease.epoch).await {
            return Next::Stop;
        }
        tracing::warn!(%error, follower = lease.name, "a follower failed; retrying");
        tokio::time::sleep(RETRY_PAUSE).await;
        Next::Continue
    }

    /// Does a piece of the work. On request, events up to the newest are followed.
    async fn work(&mut self, progress: &mut Progress, is_requested: bool) -> Result<Next> {
        if progress.rebuild {
            return self.rebuild(progress).await;
        }
        if let (Some(due_at), Some(interval)) = (progress.due_at, self.follower.interval())
            && due_at <= Instant::now()
        {
            let FollowerDeps { store, ledger, clock, .. } = &self.deps;
            let jobs = BatchJobs { ledger, lease: progress.lease, store, now: clock.now() };
            self.follower.run_periodic(&jobs).await?;
            progress.due_at = Some(Instant::now() + interval);
        }
        let Some((position, saved)) = progress.position else { return Ok(Next::Wait) };
        let published = *self.deps.published.borrow_and_update();
        let newest = if is_requested {
            store::service::find(&self.deps.store.read).await.or_internal()?.position
        } else {
            published
        };
        if position < newest {
            return self.follow_events(progress, position, newest).await;
        }
        if position != saved && (is_requested || progress.saved_at.elapsed() >= SAVE_INTERVAL) {
            return self.apply(progress, Vec::new(), position).await;
        }
        Ok(Next::Wait)
    }

    /// Reads the next part of the log, and applies its events.
    async fn follow_events(&self, progress: &mut Progress, after: i64, newest: i64) -> Result<Next> {
        let (kinds, end) = (self.follower.kinds(), newest.min(after + SCAN));
        let read = store::events::list_kinds(&self.deps.store.read, kinds, after, end, progress.size.0);
        let events = read.await.or_internal()?;
        let is_full = i64::try_from(events.len()).unwrap_or(i64::MAX) >= progress.size.0;
        let end = events.last().filter(|_| is_full).map_or(end, |last| last.position);
        if events.is_empty() {
            progress.position = progress.position.map(|(_, saved)| (end, saved));
            return Ok(Next::Continue);
        }
        self.apply(progress, events, end).await
    }

    async fn apply(&self, progress: &mut Progress, events: Vec<store::events::EventRow>, until: i64) -> Result<Next> {
        let rows = i64::try_from(events.len()).unwrap_or(i64::MAX);
        let command = ApplyEvents { follower: self.follower.clone(), lease: progress.lease, events, until };
        match self.deps.ledger.write(Actor::System, command).await? {
            Applied::Done(took) => {
                if rows >= progress.size.0 {
                    progress.size.adapt(took);
                    tokio::time::sleep(took).await;
                }
            }
            // Until the event that fails has been applied or set aside.
            Applied::FailedTogether => {
                progress.size = BatchSize(1);
                return Ok(Next::Continue);
            }
            Applied::Failed(attempts) => {
                tokio::time::sleep(FIRST_RETRY_PAUSE * 2_u32.pow(u32::try_from(attempts).unwrap_or(1))).await;
                return Ok(Next::Continue);
            }
            Applied::SetAside => {}
            Applied::LeaseLost => return Ok(Next::Stop),
        }
        progress.position = Some((until, until));
        progress.saved_at = Instant::now();
        Ok(Next::Continue)
    }

    /// Rebuilds from the tables, then follows from the position at which that began.
    async fn rebuild(&self, progress: &mut Progress) -> Result<Next> {
        let FollowerDeps { store, ledger, .. } = &self.deps;
        let position = store::service::find(&store.read).await.or_internal()?.position;
        tracing::info!(follower = progress.lease.name, "rebuilding a follower");
        let (mut after, mut size) = (None, BatchSize::default());
        loop {
            let (follower, lease) = (self.follower.clone(), progress.lease);
            let part = Rebuild { follower, lease, after, limit: size.0, position };
            let Some((next, took)) = ledger.write(Actor::System, part).await? else { return Ok(Next::Stop) };
            let Some(next) = next else { break };
            after = Some(next);
            size.adapt(took);
            tokio::time::sleep(took).await;
        }
        tracing::info!(follower = progress.lease.name, position, "rebuilt a follower");
        progress.rebuild = false;
        progress.position = Some((position, position));
        progress.saved_at = Instant::now();
        Ok(Next::Continue)
    }
}
