//! Everything that is held about a person, as a ZIP file that is written while it is read: never whole in memory, and
//! without holding anything of the database while its reader takes their time.

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
    sync::{
        OwnedSemaphorePermit, Semaphore,
        mpsc::{self, error::TrySendError},
    },
    time::{Instant, timeout_at},
};

/// Exports on their way at once on this node.
const PLACES: usize = 16;
/// Exports that are worked on at once; one that waits for its reader is not.
const AT_ONCE: usize = 2;
/// Pieces of the file that wait for the reader.
const WAITING: usize = 4;
/// How long a reader may take for the next piece.
const PATIENCE: Duration = Duration::from_secs(10);
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

/// Places for exports, of which a person has one at a time, and turns to work on them.
#[derive(Clone, Debug)]
pub struct Exports {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
    people: Arc<Mutex<HashSet<UserId>>>,
}

impl Default for Exports {
    fn default() -> Self {
        let (places, turns) = (Semaphore::new(PLACES), Semaphore::new(AT_ONCE));
        Self { places: Arc::new(places), turns: Arc::new(turns), people: Arc::default() }
    }
}

impl Exports {
    fn take(&self, user: UserId) -> Result<Place> {
        let busy = |message| Error::new(Code::Busy, message);
        if !lock(&self.people).insert(user) {
            return Err(busy("Your data is being downloaded already. Try again when that has ended."));
        }
        let Ok(permit) = self.places.clone().try_acquire_owned() else {
            lock(&self.people).remove(&user);
            return Err(busy("Others are downloading their data just now. Try again in a minute."));
        };
        Ok(Place { user, people: Arc::clone(&self.people), _permit: permit })
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A person's place, until it is dropped.
struct Place {
    user: UserId,
    people: Arc<Mutex<HashSet<UserId>>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.people).remove(&self.user);
    }
}

impl Service {
    /// Begins to write everything that is held about the caller, who must have given their password lately.
    pub async fn export(&self, caller: &Caller) -> Result<Export> {
        Right::ManageSignIn.check(caller)?;
        self.recently_proved(caller, None).await?;
        let place = self.exports.take(caller.user_id)?;
        store::users::find(&self.store.read, caller.user_id).await.or_broken()?.ok_or_else(Error::internal)?;
        let (sender, pieces) = mpsc::channel(WAITING);
        let pipe = Pipe::new(sender, self.exports.turns.clone());
        let archive = Archive::new(self.store.read.clone(), caller.user_id, self.sight(), pipe.clone());
        // Reading, compressing and waiting for the reader take turns on one thread of its own.
        tokio::task::spawn_blocking(move || {
            let _place = place;
            let write = || pipe.take_turn().and_then(|()| archive.write()).and_then(|()| pipe.send(Piece::Done));
            if let Err(error) = write() {
                tracing::info!(%error, "an export was not finished");
            }
        });
        Ok(Export { pieces, over: false })
    }
}

/// Where the file is written to: it waits for the reader, but not for ever, and others have the turn meanwhile.
#[derive(Clone)]
struct Pipe {
    sender: mpsc::Sender<Piece>,
    handle: Handle,
    patience: Duration,
    until: Instant,
    turns: Arc<Semaphore>,
    turn: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
}

impl Pipe {
    fn new(sender: mpsc::Sender<Piece>, turns: Arc<Semaphore>) -> Self {
        let (handle, until) = (Handle::current(), Instant::now() + DEADLINE);
        Self { sender, handle, patience: PATIENCE, until, turns, turn: Arc::default() }
    }

    /// Waits until it can be worked on.
    fn take_turn(&self) -> io::Result<()> {
        let turn = self.turns.clone().acquire_owned();
        let turn = self.handle.block_on(async { timeout_at(self.until, turn).await }).map_err(|_| too_slow())?;
        *lock(&self.turn) = Some(turn.map_err(io::Error::other)?);
        Ok(())
    }

    /// Whether somebody still reads, and in time. Who was given up lost the turn.
    fn check(&self) -> io::Result<()> {
        if self.sender.is_closed() {
            return Err(unread());
        }
        let in_time = Instant::now() < self.until && lock(&self.turn).is_some();
        if in_time { Ok(()) } else { Err(too_slow()) }
    }

    fn send(&self, piece: Piece) -> io::Result<()> {
        self.check()?;
        match self.sender.try_send(piece) {
            Ok(()) => Ok(()),
            Err(TrySendError::Closed(_)) => Err(unread()),
            Err(TrySendError::Full(piece)) => self.send_late(piece),
        }
    }

    /// Waits until the reader has read on.
    fn send_late(&self, piece: Piece) -> io::Result<()> {
        drop(lock(&self.turn).take());
        let until = self.until.min(Instant::now() + self.patience);
        let sent = self.handle.block_on(async { timeout_at(until, self.sender.send(piece)).await });
        sent.map_err(|_| too_slow())?.map_err(|_| unread())?;
        self.take_turn()
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
        let pipe = Pipe::new(sender, Arc::new(Semaphore::new(1)));
        (Pipe { until, ..pipe }, Export { pieces, over: false })
    }

    #[tokio::test]
    async fn who_does_not_read_is_given_up_and_held_nobody_up() {
        let (pipe, _export) = pipe(Instant::now() + DEADLINE);
        let mut pipe = Pipe { patience: Duration::ZERO, ..pipe };
        let turns = pipe.turns.clone();
        let write = move || {
            pipe.take_turn()?;
            (0..=WAITING).try_for_each(|_| pipe.write_all(b"unread"))
        };
        let written = tokio::task::spawn_blocking(write).await.unwrap();
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(turns.available_permits(), 1);
    }

    #[tokio::test]
    async fn what_breaks_off_does_not_look_whole() {
        let (mut broken, mut export) = pipe(Instant::now() + DEADLINE);
        let written = tokio::task::spawn_blocking(move || broken.take_turn().and_then(|()| broken.write(b"half")));
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
