//! Everything that is held about a person, as a ZIP file that is written while it is read: never whole in memory, and as
//! it was at one moment.

mod archive;

use crate::{Service, fault::OrBroken, rights::Right, store};
use archive::Archive;
use bytes::Bytes;
use protocol::{Error, Result, error::Code, id::UserId, session::Caller};
use std::{
    collections::HashSet,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::{Instant, timeout_at},
};

/// Exports at once on this node: each holds a connection of the database.
const AT_ONCE: usize = 2;
/// Pieces of the file that wait for the reader.
const WAITING: usize = 4;
/// How long a reader may take for the next piece.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long all of it may take: whoever reads slowly does not keep others waiting for longer.
const DEADLINE: Duration = Duration::from_mins(10);

/// A file on its way.
#[derive(Debug)]
pub struct Export {
    pieces: mpsc::Receiver<Piece>,
    over: bool,
}

#[derive(Debug)]
enum Piece {
    Bytes(Bytes),
    /// All of it was written.
    Done,
}

impl Export {
    /// The next piece; nothing after the last. An error means that the file is not whole.
    pub async fn next(&mut self) -> Option<io::Result<Bytes>> {
        if self.over {
            return None;
        }
        let piece = self.pieces.recv().await;
        self.over = !matches!(piece, Some(Piece::Bytes(_)));
        match piece {
            Some(Piece::Bytes(bytes)) => Some(Ok(bytes)),
            Some(Piece::Done) => None,
            // Whoever wrote it is gone without having said that it was whole.
            None => Some(Err(io::Error::other("the export broke off"))),
        }
    }
}

/// Turns for writing exports, of which a person has one at a time.
#[derive(Clone, Debug)]
pub struct Exports {
    turns: Arc<Semaphore>,
    people: Arc<Mutex<HashSet<UserId>>>,
}

impl Default for Exports {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), people: Arc::default() }
    }
}

impl Exports {
    fn take(&self, user: UserId) -> Result<Turn> {
        let busy = |message| Error::new(Code::Busy, message);
        if !lock(&self.people).insert(user) {
            return Err(busy("Your data is being downloaded already. Try again when that has ended."));
        }
        let Ok(permit) = self.turns.clone().try_acquire_owned() else {
            lock(&self.people).remove(&user);
            return Err(busy("Others are downloading their data just now. Try again in a minute."));
        };
        Ok(Turn { user, people: Arc::clone(&self.people), _permit: permit })
    }
}

fn lock(people: &Mutex<HashSet<UserId>>) -> MutexGuard<'_, HashSet<UserId>> {
    people.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A person's turn, until it is dropped.
struct Turn {
    user: UserId,
    people: Arc<Mutex<HashSet<UserId>>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.people).remove(&self.user);
    }
}

impl Service {
    /// Begins to write everything that is held about the caller, who must have given their password lately.
    pub async fn export(&self, caller: &Caller) -> Result<Export> {
        Right::ManageSignIn.check(caller)?;
        self.recently_proved(caller, None).await?;
        let turn = self.exports.take(caller.user_id)?;
        store::users::find(&self.store.read, caller.user_id).await.or_broken()?.ok_or_else(Error::internal)?;
        let (sender, pieces) = mpsc::channel(WAITING);
        let pipe = Pipe { sender, handle: Handle::current(), until: Instant::now() + DEADLINE };
        let archive = Archive::new(self.store.clone(), caller.user_id, self.sight(), pipe.clone());
        // Reading, compressing and waiting for the reader take turns on one thread of its own.
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            if let Err(error) = archive.write().and_then(|()| pipe.send(Piece::Done)) {
                tracing::info!(%error, "an export was not finished");
            }
        });
        Ok(Export { pieces, over: false })
    }
}

/// Where the file is written to: it waits for the reader, but not for ever.
#[derive(Clone)]
struct Pipe {
    sender: mpsc::Sender<Piece>,
    handle: Handle,
    until: Instant,
}

impl Pipe {
    /// Whether somebody still reads, and in time.
    fn check(&self) -> io::Result<()> {
        if self.sender.is_closed() {
            return Err(unread());
        }
        if Instant::now() < self.until { Ok(()) } else { Err(too_slow()) }
    }

    fn send(&self, piece: Piece) -> io::Result<()> {
        self.check()?;
        let until = self.until.min(Instant::now() + PATIENCE);
        match self.handle.block_on(async { timeout_at(until, self.sender.send(piece)).await }) {
            Ok(sent) => sent.map_err(|_| unread()),
            Err(_) => Err(too_slow()),
        }
    }
}

fn unread() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "nobody reads it any more")
}

fn too_slow() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "its reader takes too long")
}

impl io::Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.send(Piece::Bytes(Bytes::copy_from_slice(bytes)))?;
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

    fn pipe(until: Instant) -> (Pipe, Export) {
        let (sender, pieces) = mpsc::channel(WAITING);
        (Pipe { sender, handle: Handle::current(), until }, Export { pieces, over: false })
    }

    #[tokio::test]
    async fn what_breaks_off_does_not_look_whole() {
        let (mut broken, mut export) = pipe(Instant::now() + DEADLINE);
        let written = tokio::task::spawn_blocking(move || broken.write(b"half"));
        assert_eq!(written.await.unwrap().unwrap(), 4);
        assert_eq!(export.next().await.unwrap().unwrap(), "half");
        assert!(export.next().await.unwrap().is_err());
        assert!(export.next().await.is_none());
    }

    #[tokio::test]
    async fn nothing_is_written_after_the_deadline_or_for_nobody() {
        let (late, _export) = pipe(Instant::now());
        assert_eq!(late.check().unwrap_err().kind(), io::ErrorKind::TimedOut);
        let (unread, export) = pipe(Instant::now() + DEADLINE);
        drop(export);
        assert_eq!(unread.check().unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
