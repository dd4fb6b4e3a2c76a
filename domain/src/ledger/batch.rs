//! What has queued, run in one transaction.

use super::{Entry, Job, Log, Pending, sends};
use crate::{
    clock::Clock,
    fault::Fault,
    feed::Committed,
    hub::Hub,
    store::{self, On, Store, Tx},
};
use protocol::{Error, id::RoomId};
use std::{
    mem,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{runtime::Handle, sync::mpsc};

/// Commands in one transaction: enough to make the disk sync cheap, few enough to keep it short.
const BATCH: usize = 512;
/// Bytes of commands from which on a batch is full: what it did is told at once, and readers must be able to keep up.
pub(super) const BATCH_BYTES: usize = 1024 * 1024;
/// A batch that the database gives up is run again this many times.
const TRIES: u32 = 6;

/// While the disk stays full, the log says so this often.
const STILL_FULL: Duration = Duration::from_secs(10);

/// What every batch is run with.
pub struct Desk {
    pub store: Store,
    pub clock: Clock,
    pub hub: Arc<Hub>,
}

/// Runs until the queue ends; those who wait are answered on the runtime that their requests and sockets are on.
pub async fn run(desk: Desk, mut queue: mpsc::Receiver<Job>, feed: mpsc::Sender<Committed>, sockets: Handle) {
    let (mut stopping, mut space) = (false, Space::default());
    while !stopping && let Some(mut jobs) = next_batch(&mut queue).await {
        stopping = jobs.iter().any(|job| matches!(job, Job::Stop));
        let outcome = space.note(execute(&desk, &mut jobs).await);
        let failure = outcome.as_ref().err().cloned();
        // Waking everyone who waits is no work for this thread: the next batch can begin.
        sockets.spawn(async move {
            for job in jobs {
                job.answer(failure.as_ref());
            }
        });
        if let Ok(Some(committed)) = outcome {
            // The feed outlives the ledger: see Service::stop.
            let _ = feed.send(committed).await;
        }
    }
}

/// What the log says of a full disk: at once, now and then while it stays so, and when it is over.
#[derive(Default)]
struct Space {
    is_full: bool,
    said: Option<Instant>,
}

impl Space {
    /// Notes how a batch went; an error is what those who wait are told.
    fn note(&mut self, outcome: sqlx::Result<Option<Committed>>) -> Result<Option<Committed>, Error> {
        match &outcome {
            Err(error) if store::is_disk_full(error) => {
                if self.said.is_none_or(|said| said.elapsed() >= STILL_FULL) {
                    tracing::error!(%error, "the disk is full: nothing can be written until there is space");
                    self.said = Some(Instant::now());
                }
                self.is_full = true;
                return Err(Error::disk_full());
            }
            Ok(Some(_)) if mem::take(&mut self.is_full) => tracing::info!("there is space again, and writing goes on"),
            _ => {}
        }
        outcome.map_err(|error| Fault::Broken(error).told())
    }
}

/// Waits for commands and takes as many as make a batch; nothing when no more come.
pub(super) async fn next_batch(queue: &mut mpsc::Receiver<Job>) -> Option<Vec<Job>> {
    let first = queue.recv().await?;
    let (mut bytes, mut jobs) = (first.bytes(), Vec::with_capacity(BATCH));
    jobs.push(first);
    // Those who were about to ask get a turn, so that one disk sync pays for them too; it costs no time.
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

/// How the messages of a batch are stored: the quick way first, a more careful one when it breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Care {
    /// As if none had been stored before: who repeats one breaks the batch.
    Hopeful,
    /// After looking for those that were stored before.
    Wary,
    /// Each apart, so that a bad one harms no other.
    Apart,
}

/// Why a batch did not happen, and what it did if it happened all the same: the connection was lost during its commit.
struct Broke {
    error: sqlx::Error,
    perhaps: Option<Committed>,
}

impl From<sqlx::Error> for Broke {
    fn from(error: sqlx::Error) -> Self {
        Self { error, perhaps: None }
    }
}

/// Runs the jobs until the database takes them; an error means that none of them happened, as far as we know.
async fn execute(desk: &Desk, jobs: &mut [Job]) -> sqlx::Result<Option<Committed>> {
    let (mut tries, mut care) = (1, Care::Hopeful);
    let mut perhaps = None;
    loop {
        let error = match settle(desk, jobs, care, &mut perhaps).await {
            Ok(committed) => return Ok(committed),
            Err(error) => error,
        };
        let (transient, repeat) = (store::is_transient(&error), store::is_repeat(&error));
        if !repeat {
            desk.store.replace_writer().await;
        }
        match care {
            Care::Hopeful if repeat => care = Care::Wary,
            _ if (transient || repeat) && tries < TRIES => {
                tracing::debug!(%error, tries, "the database gave up a batch; running it again");
                // A database that is being restarted needs a moment; a deadlock is gone at once.
                tokio::time::sleep(Duration::from_millis(u64::from(tries - 1) * 50)).await;
                tries += 1;
            }
            // No message is to blame.
            _ if store::ends_transaction(&error) => return Err(error),
            Care::Hopeful | Care::Wary => {
                tracing::warn!(%error, "a batch broke; running it again, each message by itself");
                care = Care::Apart;
            }
            Care::Apart => return Err(error),
        }
    }
}

/// Runs the jobs once, unless they happened in an earlier try.
async fn settle(
    desk: &Desk,
    jobs: &mut [Job],
    care: Care,
    perhaps: &mut Option<Committed>,
) -> sqlx::Result<Option<Committed>> {
    if let Some(earlier) = perhaps {
        if happened(&desk.store, earlier).await? {
            return Ok(perhaps.take());
        }
        *perhaps = None;
    }
    attempt(desk, jobs, care).await.map_err(|broke| {
        *perhaps = broke.perhaps;
        broke.error
    })
}

/// Whether a commit that was not answered took place.
async fn happened(store: &Store, perhaps: &Committed) -> sqlx::Result<bool> {
    let mut tx = store.begin().await?;
    // Waits for the lost transaction, if the database still works on it.
    store::service::advance(&mut tx, 0).await?;
    let found = store::events::list(&mut tx, perhaps.first - 1, perhaps.first).await?;
    let same = |entry: &Entry| found.iter().any(|row| row.subject == entry.subject && row.at == perhaps.at);
    Ok(perhaps.entries.first().is_some_and(same))
}

/// Runs the jobs once.
async fn attempt(desk: &Desk, jobs: &mut [Job], care: Care) -> Result<Option<Committed>, Broke> {
    let mut tx = desk.store.begin().await?;
    let (clock, hub) = (desk.clock.clone(), desk.hub.clone());
    let mut log = Log { at: clock.now(), clock, hub, entries: Vec::new() };
    hold_rooms(&mut tx, jobs).await?;
    let together = |a: &Job, b: &Job| care != Care::Apart && matches!((a, b), (Job::Send(_), Job::Send(_)));
    for group in jobs.chunk_by_mut(together) {
        match group {
            [Job::Write(write)] => run_write(&mut tx, &mut log, write.as_mut()).await?,
            [Job::Stop] => {}
            [Job::Send(send)] if care == Care::Apart => run_apart(&mut tx, &mut log, send).await?,
            // Without a savepoint, for which SQLite would copy every page that they change.
            group => sends::store(&mut tx, &mut log, &mut messages(group), care != Care::Hopeful).await?,
        }
    }
    let entries = mem::take(&mut log.entries);
    if entries.is_empty() {
        tx.commit().await?;
        return Ok(None);
    }
    let first = record(&mut tx, &log, &entries).await?;
    let done = Committed { first, at: log.at, entries };
    match tx.commit().await {
        Ok(()) => Ok(Some(done)),
        Err(error) => Err(Broke { error, perhaps: Some(done) }),
    }
}

fn messages(group: &mut [Job]) -> Vec<&mut sends::Send> {
    group.iter_mut().filter_map(Job::message).collect()
}

/// Gives the entries their positions, last of all so that nobody waits long for the counter.
async fn record(tx: &mut Tx, log: &Log, entries: &[Entry]) -> sqlx::Result<i64> {
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let first = store::service::advance(tx, count).await? - count + 1;
    store::events::create(tx, first, log.at, entries).await?;
    Ok(first)
}

/// Locks every room that a batch is about, all at once and in one order, so that two nodes never wait for each other. On
/// SQLite there is no other node.
async fn hold_rooms(tx: &mut Tx, jobs: &[Job]) -> sqlx::Result<()> {
    if matches!(tx, On::Sqlite(_)) {
        return Ok(());
    }
    let mut rooms = named_rooms(jobs);
    let writes = jobs.iter().filter_map(|job| if let Job::Write(write) = job { Some(write) } else { None });
    for speaker in writes.filter_map(|write| write.speaker()) {
        rooms.extend(store::members::list_rooms_in(tx, speaker).await?);
    }
    rooms.sort_unstable();
    rooms.dedup();
    store::members::lock_heads(tx, &rooms).await
}

/// The rooms that the commands of a batch name.
fn named_rooms(jobs: &[Job]) -> Vec<RoomId> {
    jobs.iter()
        .filter_map(|job| match job {
            Job::Send(send) => Some(send.new.room_id),
            Job::Write(write) => write.room(),
            Job::Stop => None,
        })
        .collect()
}

/// Runs one command; if it fails, only what it did is undone.
async fn run_write(tx: &mut Tx, log: &mut Log, write: &mut dyn Pending) -> sqlx::Result<()> {
    let told = log.entries.len();
    let mut again = true;
    loop {
        tx.execute("savepoint command").await?;
        let fault = match write.run(tx, log).await {
            Ok(()) => return tx.execute("release savepoint command").await,
            Err(Fault::Broken(error)) if store::ends_transaction(&error) => return Err(error),
            Err(fault) => fault,
        };
        log.entries.truncate(told);
        undo(tx).await?;
        // Another node was first: now the command sees what that one made. It happens once.
        let repeat = matches!(&fault, Fault::Broken(error) if store::is_repeat(error));
        if !mem::replace(&mut again, false) || !repeat {
            write.refuse(fault.told());
            return Ok(());
        }
    }
}

/// Stores one message; if that breaks, only what it did is undone.
async fn run_apart(tx: &mut Tx, log: &mut Log, message: &mut sends::Send) -> sqlx::Result<()> {
    let told = log.entries.len();
    tx.execute("savepoint command").await?;
    match sends::store(tx, log, &mut [&mut *message], true).await {
        Ok(()) => tx.execute("release savepoint command").await,
        Err(error) if store::ends_transaction(&error) => Err(error),
        Err(error) => {
            log.entries.truncate(told);
            message.outcome = Some(Err(Fault::Broken(error).told()));
            undo(tx).await
        }
    }
}

async fn undo(tx: &mut Tx) -> sqlx::Result<()> {
    tx.execute("rollback to savepoint command").await?;
    tx.execute("release savepoint command").await
}
