//! What has queued, run in one transaction.

use super::{Entry, Job, Log, Pending, sends};
use crate::{
    clock::Clock,
    fault::{Fault, broken},
    feed::Committed,
    store::{self, On, Store, Tx},
};
use protocol::{Error, id::RoomId};
use std::{mem, time::Duration};
use tokio::sync::mpsc;

/// Commands in one transaction: enough to make the disk sync cheap, few enough to keep it short.
const BATCH: usize = 512;
/// A batch that the database gives up is run again this many times.
const TRIES: u32 = 6;

pub async fn run(store: Store, clock: Clock, mut queue: mpsc::Receiver<Job>, feed: mpsc::Sender<Committed>) {
    let mut jobs = Vec::with_capacity(BATCH);
    let mut stopping = false;
    while !stopping && queue.recv_many(&mut jobs, BATCH).await > 0 {
        // Those who were about to ask get a turn, so that one disk sync pays for them too; it costs no time.
        tokio::task::yield_now().await;
        while jobs.len() < BATCH
            && let Ok(job) = queue.try_recv()
        {
            jobs.push(job);
        }
        stopping = jobs.iter().any(|job| matches!(job, Job::Stop));
        let outcome = execute(&store, &clock, &mut jobs).await;
        let failure = outcome.as_ref().err();
        for job in jobs.drain(..) {
            match job {
                Job::Send(send) => send.answer(failure.cloned()),
                Job::Write(write) => write.answer(failure.cloned()),
                Job::Stop => {}
            }
        }
        if let Ok(Some(committed)) = outcome {
            // The feed outlives the ledger: see Service::stop.
            let _ = feed.send(committed).await;
        }
    }
}

/// Runs the jobs until the database takes them; an error means that none of them happened.
async fn execute(store: &Store, clock: &Clock, jobs: &mut [Job]) -> Result<Option<Committed>, Error> {
    let mut tries = 1;
    loop {
        match attempt(store, clock, jobs).await {
            Ok(committed) => return Ok(committed),
            Err(error) if store::is_transient(&error) && tries < TRIES => {
                tracing::debug!(%error, tries, "the database gave up a batch; running it again");
                // A database that is being restarted needs a moment; a deadlock is gone at once.
                tokio::time::sleep(Duration::from_millis(u64::from(tries - 1) * 50)).await;
                tries += 1;
            }
            Err(error) => return Err(broken(&error)),
        }
    }
}

async fn attempt(store: &Store, clock: &Clock, jobs: &mut [Job]) -> sqlx::Result<Option<Committed>> {
    let mut tx = store.begin().await?;
    let mut log = Log { at: clock.now(), clock: clock.clone(), entries: Vec::new() };
    lock_rooms(&mut tx, rooms(jobs)).await?;
    for group in jobs.chunk_by_mut(|a, b| matches!((a, b), (Job::Send(_), Job::Send(_)))) {
        match group {
            [Job::Write(write)] => run_write(&mut tx, &mut log, write.as_mut()).await?,
            [Job::Stop] => {}
            sends => run_sends(&mut tx, &mut log, sends).await?,
        }
    }
    let entries = mem::take(&mut log.entries);
    if entries.is_empty() {
        tx.commit().await?;
        return Ok(None);
    }
    let first = record(&mut tx, &log, &entries).await?;
    tx.commit().await?;
    Ok(Some(Committed { first, at: log.at, entries }))
}

/// Gives the entries their positions, last of all so that nobody waits long for the counter.
async fn record(tx: &mut Tx, log: &Log, entries: &[Entry]) -> sqlx::Result<i64> {
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let first = store::service::advance(tx, count).await? - count + 1;
    store::events::create(tx, first, log.at, entries).await?;
    Ok(first)
}

/// The rooms of a batch.
fn rooms(jobs: &[Job]) -> Vec<RoomId> {
    let mut rooms: Vec<_> = jobs
        .iter()
        .filter_map(|job| match job {
            Job::Send(send) => Some(send.new.room_id),
            Job::Write(write) => write.room(),
            Job::Stop => None,
        })
        .collect();
    rooms.sort_unstable();
    rooms.dedup();
    rooms
}

/// On PostgreSQL other nodes write too: all rooms of the batch are locked first, in the order of their ids.
async fn lock_rooms(tx: &mut Tx, rooms: Vec<RoomId>) -> sqlx::Result<()> {
    if matches!(tx, On::Postgres(_)) && !rooms.is_empty() {
        store::members::lock_heads(tx, &rooms).await?;
    }
    Ok(())
}

/// Runs one command; if it fails, only what it did is undone.
async fn run_write(tx: &mut Tx, log: &mut Log, write: &mut dyn Pending) -> sqlx::Result<()> {
    let told = log.entries.len();
    tx.execute("savepoint command").await?;
    match write.run(tx, log).await {
        Ok(()) => tx.execute("release savepoint command").await,
        Err(Fault::Broken(error)) if store::is_transient(&error) => Err(error),
        Err(fault) => {
            log.entries.truncate(told);
            write.refuse(fault.told());
            undo(tx).await
        }
    }
}

/// Runs messages together; if that breaks, one by one, so that a bad one harms no other.
async fn run_sends(tx: &mut Tx, log: &mut Log, group: &mut [Job]) -> sqlx::Result<()> {
    let mut messages: Vec<&mut sends::Send> = group
        .iter_mut()
        .filter_map(|job| match job {
            Job::Send(send) => Some(send.as_mut()),
            Job::Write(_) | Job::Stop => None,
        })
        .collect();
    let Err(together) = try_sends(tx, log, &mut messages).await? else { return Ok(()) };
    tracing::warn!(error = %together, "a batch of messages broke; storing them one by one");
    for message in &mut messages {
        if let Err(error) = try_sends(tx, log, std::slice::from_mut(message)).await? {
            message.outcome = Some(Err(broken(&error)));
        }
    }
    Ok(())
}

async fn try_sends(
    tx: &mut Tx,
    log: &mut Log,
    messages: &mut [&mut sends::Send],
) -> sqlx::Result<Result<(), sqlx::Error>> {
    let told = log.entries.len();
    tx.execute("savepoint command").await?;
    match sends::store(tx, log, messages).await {
        Ok(()) => tx.execute("release savepoint command").await.map(Ok),
        Err(error) if store::is_transient(&error) => Err(error),
        Err(error) => {
            log.entries.truncate(told);
            undo(tx).await?;
            Ok(Err(error))
        }
    }
}

async fn undo(tx: &mut Tx) -> sqlx::Result<()> {
    tx.execute("rollback to savepoint command").await?;
    tx.execute("release savepoint command").await
}
