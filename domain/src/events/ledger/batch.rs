//! Runs queued commands in one transaction.

use crate::{
    clock::Clock,
    error::CommandError,
    events::{
        feed::Committed,
        hub::Hub,
        ledger::{
            Actor, CommandContext, ErasedCommand, Job,
            messages::{MessageWriter, QueuedMessage},
        },
    },
    store::{self, Backend, Store, Tx, events::NewEvent},
};
use protocol::{Error, id::RoomId};
use std::{
    mem,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{runtime::Handle, sync::mpsc};

/// Commands per transaction: enough to amortise the disk sync, few enough to keep it short.
const BATCH: usize = 512;
/// Bytes of commands at which a batch is full: its events are published at once, and readers must be able to keep up.
pub(super) const BATCH_BYTES: usize = 1024 * 1024;
/// Attempts for a batch whose transaction the database aborts.
const MAX_ATTEMPTS: u32 = 6;

/// How often the log repeats that the disk is full.
const DISK_FULL_LOG_INTERVAL: Duration = Duration::from_secs(10);

/// Dependencies of every batch.
pub struct BatchDeps {
    pub store: Store,
    pub clock: Clock,
    pub hub: Arc<Hub>,
    pub message_writer: Box<dyn MessageWriter>,
}

/// Runs until the queue is closed. Replies are sent on the runtime that runs the requests and sockets.
pub async fn run(
    deps: BatchDeps,
    mut queue: mpsc::Receiver<Job>,
    feed: mpsc::Sender<Committed>,
    reply_runtime: Handle,
) {
    let (mut stopping, mut disk) = (false, DiskFullLog::default());
    while !stopping && let Some(mut jobs) = next_batch(&mut queue).await {
        stopping = jobs.iter().any(|job| matches!(job, Job::Stop));
        let outcome = disk.observe(execute(&deps, &mut jobs).await);
        let failure = outcome.as_ref().err().cloned();
        // Replies are sent from another task, so that the next batch can begin.
        reply_runtime.spawn(async move {
            for job in jobs {
                job.reply(failure.as_ref());
            }
        });
        if let Ok(Some(committed)) = outcome {
            // The feed outlives the ledger: see Service::stop.
            let _ = feed.send(committed).await;
        }
        deps.store.keep_wal_below_free_space().await;
    }
}

/// Logs a full disk: at once, at intervals while it lasts, and when it is over.
#[derive(Default)]
struct DiskFullLog {
    is_full: bool,
    logged_at: Option<Instant>,
}

impl DiskFullLog {
    /// Records the outcome of a batch; an error is returned as the error for the waiting callers.
    fn observe(&mut self, outcome: sqlx::Result<Option<Committed>>) -> Result<Option<Committed>, Error> {
        match &outcome {
            Err(error) if store::is_disk_full(error) => {
                if self.logged_at.is_none_or(|logged_at| logged_at.elapsed() >= DISK_FULL_LOG_INTERVAL) {
                    tracing::error!(%error, "disk full: writes are rejected until there is space");
                    self.logged_at = Some(Instant::now());
                }
                self.is_full = true;
                return Err(Error::disk_full());
            }
            Ok(Some(_)) if mem::take(&mut self.is_full) => {
                tracing::info!("disk space available again: writes resume");
            }
            _ => {}
        }
        outcome.map_err(|error| CommandError::Database(error).into_public())
    }
}

/// Waits for commands and takes a batch of them; `None` when the queue is closed.
pub(super) async fn next_batch(queue: &mut mpsc::Receiver<Job>) -> Option<Vec<Job>> {
    let first = queue.recv().await?;
    let (mut bytes, mut jobs) = (first.bytes(), Vec::with_capacity(BATCH));
    jobs.push(first);
    // Lets tasks that are about to submit do so, so that one disk sync covers them too; it adds no delay.
    tokio::task::yield_now().await;
    while jobs.len() < BATCH
        && bytes < BATCH_BYTES
        && let Ok(job) = queue.try_recv()
    {
        bytes += job.bytes();
        jobs.push(job);
    }
    Some(jobs)
}

/// How the messages of a batch are stored: the fastest way first, a more careful one after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strategy {
    /// Assumes that there are no duplicates: a duplicate breaks the transaction.
    Optimistic,
    /// Looks for duplicates first.
    CheckDuplicates,
    /// Each message in its own savepoint, so that a failing one affects no other.
    OneByOne,
}

/// Batch error. `maybe_committed` is set when the connection broke during the commit.
struct BatchError {
    error: sqlx::Error,
    maybe_committed: Option<Committed>,
}

impl From<sqlx::Error> for BatchError {
    fn from(error: sqlx::Error) -> Self {
        Self { error, maybe_committed: None }
    }
}

/// Runs the jobs, with retries; an error means that none was committed, as far as we know.
async fn execute(deps: &BatchDeps, jobs: &mut [Job]) -> sqlx::Result<Option<Committed>> {
    let (mut attempts, mut strategy) = (1, Strategy::Optimistic);
    let mut maybe_committed = None;
    loop {
        let error = match run_unless_committed(deps, jobs, strategy, &mut maybe_committed).await {
            Ok(committed) => return Ok(committed),
            Err(error) => error,
        };
        let (transient, duplicate) = (store::is_transient(&error), store::is_unique_violation(&error));
        if !duplicate {
            deps.store.replace_writer().await;
        }
        match strategy {
            Strategy::Optimistic if duplicate => strategy = Strategy::CheckDuplicates,
            _ if (transient || duplicate) && attempts < MAX_ATTEMPTS => {
                tracing::debug!(%error, attempts, "the database aborted a batch; retrying");
                // A restarting database needs a moment; a deadlock is resolved at once.
                tokio::time::sleep(Duration::from_millis(u64::from(attempts - 1) * 50)).await;
                attempts += 1;
            }
            // The failure is not caused by a message.
            _ if store::ends_transaction(&error) => return Err(error),
            Strategy::Optimistic | Strategy::CheckDuplicates => {
                tracing::warn!(%error, "a batch failed; retrying message by message");
                strategy = Strategy::OneByOne;
            }
            Strategy::OneByOne => return Err(error),
        }
    }
}

/// Runs the jobs once, unless an earlier attempt was committed.
async fn run_unless_committed(
    deps: &BatchDeps,
    jobs: &mut [Job],
    strategy: Strategy,
    maybe_committed: &mut Option<Committed>,
) -> sqlx::Result<Option<Committed>> {
    if let Some(earlier) = maybe_committed {
        if was_committed(&deps.store, earlier).await? {
            return Ok(maybe_committed.take());
        }
        *maybe_committed = None;
    }
    attempt(deps, jobs, strategy).await.map_err(|failed| {
        *maybe_committed = failed.maybe_committed;
        failed.error
    })
}

/// Whether a commit without a response took place.
async fn was_committed(store: &Store, committed: &Committed) -> sqlx::Result<bool> {
    let mut tx = store.begin().await?;
    // Waits for the lost transaction, if the database still processes it.
    store::service::advance(&mut tx, 0).await?;
    let found = store::events::list(&mut tx, committed.first - 1, committed.first).await?;
    let same = |entry: &NewEvent| found.iter().any(|row| row.subject == entry.subject && row.at == committed.at);
    Ok(committed.events.first().is_some_and(same))
}

/// Runs the jobs once.
async fn attempt(deps: &BatchDeps, jobs: &mut [Job], strategy: Strategy) -> Result<Option<Committed>, BatchError> {
    let mut tx = deps.store.begin().await?;
    let (clock, hub) = (deps.clock.clone(), deps.hub.clone());
    let mut ctx = CommandContext { at: clock.now(), clock, actor: Actor::System, hub, events: Vec::new() };
    lock_rooms(&mut tx, jobs).await?;
    let same_group =
        |a: &Job, b: &Job| strategy != Strategy::OneByOne && matches!((a, b), (Job::Message(_), Job::Message(_)));
    for group in jobs.chunk_by_mut(same_group) {
        match group {
            [Job::Command(write)] => run_command(&mut tx, &mut ctx, write.as_mut()).await?,
            [Job::Stop] => {}
            [Job::Message(send)] if strategy == Strategy::OneByOne => {
                run_in_savepoint(deps, &mut tx, &mut ctx, send).await?;
            }
            // Without a savepoint, for which SQLite would copy every page that they change.
            group => {
                let check_duplicates = strategy != Strategy::Optimistic;
                deps.message_writer.store(&mut tx, &mut ctx, &mut messages(group), check_duplicates).await?;
            }
        }
    }
    let events = mem::take(&mut ctx.events);
    if events.is_empty() {
        tx.commit().await?;
        return Ok(None);
    }
    let first = record(&mut tx, &ctx, &events).await?;
    let done = Committed { first, at: ctx.at, events };
    match tx.commit().await {
        Ok(()) => Ok(Some(done)),
        Err(error) => Err(BatchError { error, maybe_committed: Some(done) }),
    }
}

fn messages(group: &mut [Job]) -> Vec<&mut QueuedMessage> {
    group.iter_mut().filter_map(Job::message).collect()
}

/// Assigns positions to the events; done last, so that the lock on the counter is held briefly.
async fn record(tx: &mut Tx, ctx: &CommandContext, events: &[NewEvent]) -> sqlx::Result<i64> {
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let first = store::service::advance(tx, count).await? - count + 1;
    store::events::create(tx, first, ctx.at, events).await?;
    Ok(first)
}

/// Locks every room of a batch in one statement and in a fixed order, so that two nodes cannot deadlock. SQLite has
/// only one node.
async fn lock_rooms(tx: &mut Tx, jobs: &[Job]) -> sqlx::Result<()> {
    if matches!(tx, Backend::Sqlite(_)) {
        return Ok(());
    }
    let mut rooms = named_rooms(jobs);
    let commands = jobs.iter().filter_map(|job| if let Job::Command(write) = job { Some(write) } else { None });
    for command in commands {
        rooms.extend(command.further_rooms());
        if let Some(user) = command.lock_rooms_of() {
            rooms.extend(store::members::list_rooms_in(tx, user).await?);
        }
    }
    rooms.sort_unstable();
    rooms.dedup();
    store::members::lock_heads(tx, &rooms).await
}

/// Rooms named by the commands of a batch.
fn named_rooms(jobs: &[Job]) -> Vec<RoomId> {
    jobs.iter()
        .filter_map(|job| match job {
            Job::Message(send) => Some(send.message.room_id),
            Job::Command(write) => write.room(),
            Job::Stop => None,
        })
        .collect()
}

/// Runs one command; if it fails, only its own changes are rolled back.
async fn run_command(tx: &mut Tx, ctx: &mut CommandContext, command: &mut dyn ErasedCommand) -> sqlx::Result<()> {
    let events_before = ctx.events.len();
    ctx.actor = command.actor();
    let mut may_retry = true;
    loop {
        tx.execute("savepoint command").await?;
        let fault = match command.run(tx, ctx).await {
            Ok(()) => return tx.execute("release savepoint command").await,
            Err(CommandError::Database(error)) if store::ends_transaction(&error) => return Err(error),
            Err(fault) => fault,
        };
        ctx.events.truncate(events_before);
        rollback(tx).await?;
        // Another node inserted the row first: a retry sees that row. Retried once.
        let duplicate = matches!(&fault, CommandError::Database(error) if store::is_unique_violation(error));
        if !mem::replace(&mut may_retry, false) || !duplicate {
            command.reject(fault.into_public());
            return Ok(());
        }
    }
}

/// Stores one message in a savepoint; if it fails, only its own changes are rolled back.
async fn run_in_savepoint(
    deps: &BatchDeps,
    tx: &mut Tx,
    ctx: &mut CommandContext,
    message: &mut QueuedMessage,
) -> sqlx::Result<()> {
    let events_before = ctx.events.len();
    tx.execute("savepoint command").await?;
    match deps.message_writer.store(tx, ctx, &mut [&mut *message], true).await {
        Ok(()) => tx.execute("release savepoint command").await,
        Err(error) if store::ends_transaction(&error) => Err(error),
        Err(error) => {
            ctx.events.truncate(events_before);
            message.outcome = Some(Err(CommandError::Database(error).into_public()));
            rollback(tx).await
        }
    }
}

async fn rollback(tx: &mut Tx) -> sqlx::Result<()> {
    tx.execute("rollback to savepoint command").await?;
    tx.execute("release savepoint command").await
}
