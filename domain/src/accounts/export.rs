//! Export of all data about a user as a ZIP file, streamed while it is written: never whole in memory, and without
//! holding a database connection or transaction while the client reads.

mod archive;

use crate::{Service, accounts::export::archive::Archive, error::DbResultExt, store};
use bytes::Bytes;
use protocol::{Error, Result, error::Code, id::UserId, permissions::Permission, session::Caller};
use std::{
    collections::HashSet,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{
        OwnedSemaphorePermit, Semaphore,
        mpsc::{self, error::TrySendError},
    },
    time::{Instant, timeout_at},
};

/// Exports in progress on this node.
const MAX_EXPORTS: usize = 16;
/// Exports that use a worker at once; one that waits for its reader does not.
const MAX_ACTIVE: usize = 2;
/// Chunks buffered for the reader.
const CHUNK_BUFFER: usize = 4;
/// How long the reader may take for a chunk.
const CHUNK_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an export may take in total, so that a slow reader does not block others for longer.
const TOTAL_TIMEOUT: Duration = Duration::from_mins(10);

/// An export in progress.
#[derive(Debug)]
pub struct Export {
    chunks: mpsc::Receiver<Chunk>,
    finished: bool,
}

#[derive(Debug)]
enum Chunk {
    Bytes(Bytes),
    /// The archive is complete.
    Done,
}

impl Export {
    /// The next chunk; `None` after the last. An error means that the file is incomplete.
    pub async fn next(&mut self) -> Option<io::Result<Bytes>> {
        if self.finished {
            return None;
        }
        let chunk = self.chunks.recv().await;
        self.finished = !matches!(chunk, Some(Chunk::Bytes(_)));
        match chunk {
            Some(Chunk::Bytes(bytes)) => Some(Ok(bytes)),
            Some(Chunk::Done) => None,
            // The writer ended without reporting completion.
            None => Some(Err(io::Error::other("the export was interrupted"))),
        }
    }
}

/// Limits exports: one per user at a time, and a limited number that run.
#[derive(Clone, Debug)]
pub struct ExportLimiter {
    slots: Arc<Semaphore>,
    workers: Arc<Semaphore>,
    active_users: Arc<Mutex<HashSet<UserId>>>,
}

impl Default for ExportLimiter {
    fn default() -> Self {
        let (slots, workers) = (Semaphore::new(MAX_EXPORTS), Semaphore::new(MAX_ACTIVE));
        Self { slots: Arc::new(slots), workers: Arc::new(workers), active_users: Arc::default() }
    }
}

impl ExportLimiter {
    fn acquire(&self, user: UserId) -> Result<ExportPermit> {
        let busy = |message| Error::new(Code::Busy, message);
        if !lock(&self.active_users).insert(user) {
            return Err(busy("A download of your data is already running. Try again when it has finished."));
        }
        let Ok(permit) = self.slots.clone().try_acquire_owned() else {
            lock(&self.active_users).remove(&user);
            return Err(busy("Too many downloads are running. Try again in a minute."));
        };
        Ok(ExportPermit { user, active_users: Arc::clone(&self.active_users), _permit: permit })
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A user's export slot; released on drop.
struct ExportPermit {
    user: UserId,
    active_users: Arc<Mutex<HashSet<UserId>>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for ExportPermit {
    fn drop(&mut self) {
        lock(&self.active_users).remove(&self.user);
    }
}

impl Service {
    /// Starts an export of all data about the caller, who must have given their password recently.
    pub async fn export(&self, caller: &Caller) -> Result<Export> {
        Permission::ManageCredentials.check(caller)?;
        self.require_recent_password(caller, None).await?;
        let permit = self.exports.acquire(caller.user_id)?;
        store::users::find(&self.store.read, caller.user_id).await.or_internal()?.ok_or_else(Error::internal)?;
        let (sender, chunks) = mpsc::channel(CHUNK_BUFFER);
        let writer = ChunkWriter::new(sender, self.exports.workers.clone());
        let archive = Archive::new(self.store.read.clone(), caller.user_id, self.view_context(), writer.clone());
        // Reading, compressing and waiting for the reader run on one thread of its own.
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let write =
                || writer.acquire_worker().and_then(|()| archive.write()).and_then(|()| writer.send(Chunk::Done));
            if let Err(error) = write() {
                tracing::info!(%error, "export not completed");
            }
        });
        Ok(Export { chunks, finished: false })
    }
}

/// Output of the archive: waits for the reader, with a timeout, and releases the worker meanwhile.
#[derive(Clone)]
struct ChunkWriter {
    sender: mpsc::Sender<Chunk>,
    handle: Handle,
    chunk_timeout: Duration,
    deadline: Instant,
    workers: Arc<Semaphore>,
    worker_permit: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
}

impl ChunkWriter {
    fn new(sender: mpsc::Sender<Chunk>, workers: Arc<Semaphore>) -> Self {
        let (handle, deadline) = (Handle::current(), Instant::now() + TOTAL_TIMEOUT);
        Self { sender, handle, chunk_timeout: CHUNK_TIMEOUT, deadline, workers, worker_permit: Arc::default() }
    }

    /// Waits for a worker.
    fn acquire_worker(&self) -> io::Result<()> {
        let permit = self.workers.clone().acquire_owned();
        let turn = self.handle.block_on(async { timeout_at(self.deadline, permit).await }).map_err(|_| too_slow())?;
        *lock(&self.worker_permit) = Some(turn.map_err(io::Error::other)?);
        Ok(())
    }

    /// Checks that the reader is connected and in time. An export that timed out has lost its worker.
    fn check_reader(&self) -> io::Result<()> {
        if self.sender.is_closed() {
            return Err(reader_closed());
        }
        let in_time = Instant::now() < self.deadline && lock(&self.worker_permit).is_some();
        if in_time { Ok(()) } else { Err(too_slow()) }
    }

    fn send(&self, chunk: Chunk) -> io::Result<()> {
        self.check_reader()?;
        match self.sender.try_send(chunk) {
            Ok(()) => Ok(()),
            Err(TrySendError::Closed(_)) => Err(reader_closed()),
            Err(TrySendError::Full(chunk)) => self.wait_and_send(chunk),
        }
    }

    /// Releases the worker until the reader has taken the chunk.
    fn wait_and_send(&self, chunk: Chunk) -> io::Result<()> {
        drop(lock(&self.worker_permit).take());
        let deadline = self.deadline.min(Instant::now() + self.chunk_timeout);
        let sent = self.handle.block_on(async { timeout_at(deadline, self.sender.send(chunk)).await });
        sent.map_err(|_| too_slow())?.map_err(|_| reader_closed())?;
        self.acquire_worker()
    }
}

fn reader_closed() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "the client disconnected")
}

fn too_slow() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "the client reads too slowly")
}

impl io::Write for ChunkWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.send(Chunk::Bytes(Bytes::copy_from_slice(bytes)))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn pipe(deadline: Instant) -> (ChunkWriter, Export) {
        let (sender, chunks) = mpsc::channel(CHUNK_BUFFER);
        let pipe = ChunkWriter::new(sender, Arc::new(Semaphore::new(1)));
        (ChunkWriter { deadline, ..pipe }, Export { chunks, finished: false })
    }

    #[tokio::test]
    async fn an_unread_export_times_out_without_holding_a_permit() {
        let (pipe, _export) = pipe(Instant::now() + TOTAL_TIMEOUT);
        let mut pipe = ChunkWriter { chunk_timeout: Duration::ZERO, ..pipe };
        let turns = pipe.workers.clone();
        let write = move || {
            pipe.acquire_worker()?;
            (0..=CHUNK_BUFFER).try_for_each(|_| pipe.write_all(b"unread"))
        };
        let written = tokio::task::spawn_blocking(write).await.unwrap();
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(turns.available_permits(), 1);
    }

    #[tokio::test]
    async fn a_failed_export_ends_with_an_error() {
        let (mut broken, mut export) = pipe(Instant::now() + TOTAL_TIMEOUT);
        let written = tokio::task::spawn_blocking(move || broken.acquire_worker().and_then(|()| broken.write(b"half")));
        assert_eq!(written.await.unwrap().unwrap(), 4);
        assert_eq!(export.next().await.unwrap().unwrap(), "half");
        assert!(export.next().await.unwrap().is_err());
        assert!(export.next().await.is_none());
    }

    #[tokio::test]
    async fn nothing_is_written_after_the_deadline_or_without_a_reader() {
        let (late, _export) = pipe(Instant::now());
        assert_eq!(late.check_reader().unwrap_err().kind(), io::ErrorKind::TimedOut);
        let (unread, export) = pipe(Instant::now() + TOTAL_TIMEOUT);
        drop(export);
        assert_eq!(unread.check_reader().unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
