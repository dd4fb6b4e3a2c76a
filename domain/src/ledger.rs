//! The one write path. Commands queue; what has queued runs in one transaction, so that one disk sync pays for all of it;
//! then everyone is answered, then what happened goes to the feed. A lone command waits for nobody.

mod batch;
pub mod sends;

use crate::{
    clock::Clock,
    fault::Fault,
    feed::Committed,
    hub::Hub,
    sight::Sight,
    store::{Store, Tx},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    error::Code,
    event::Change,
    id::{RoomId, UserId},
    message::Message,
    page::Created,
    time::Time,
};
use sends::NewSend;
use std::{io, sync::Arc};
use tokio::{
    runtime,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    task::{JoinHandle, spawn_blocking},
};
use uuid::Uuid;

/// Commands that may wait; one more is refused at once.
const QUEUE: usize = 8192;
/// Bytes that the commands that wait or are being run may keep; what would be more is refused at once.
const QUEUE_BYTES: usize = 32 * 1024 * 1024;
/// What each of them keeps beside long texts and pictures.
const COMMAND_BYTES: usize = 1024;

/// A command that changes something: it checks all that can fail because of the caller, then does it.
#[async_trait]
pub trait Write: Send + Sync + 'static {
    /// What the caller gets.
    type Done: Send + 'static;

    /// The room whose order it takes part in.
    fn room(&self) -> Option<RoomId> {
        None
    }

    /// Someone in the order of all of whose rooms it takes part as well: what they say meanwhile through another node comes
    /// before it, or knows of it.
    fn speaker(&self) -> Option<UserId> {
        None
    }

    /// Bytes of the long texts and pictures that it keeps while it waits.
    fn bytes(&self) -> usize {
        0
    }

    /// Runs in a savepoint: what it did is undone if it fails. It may run again if the database gives up the batch.
    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Self::Done, Fault>;
}

/// One thing that happened, and who is told.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The members of this room are told.
    pub room: Option<RoomId>,
    /// This person is told.
    pub user: Option<UserId>,
    /// The thing it happened to.
    pub subject: Uuid,
    /// What happened.
    pub change: Change,
}

impl Entry {
    pub fn kind(&self) -> &'static str {
        self.change.kind()
    }
}

/// What a batch has done so far.
#[derive(Debug)]
pub struct Log {
    pub at: Time,
    pub clock: Clock,
    hub: Arc<Hub>,
    entries: Vec<Entry>,
}

impl Log {
    /// How people look while this happens.
    pub fn sight(&self) -> Sight {
        Sight { at: self.at, hub: self.hub.clone() }
    }

    /// Tells the members of a room.
    pub fn tell_room(&mut self, room: RoomId, subject: Uuid, change: Change) {
        self.entries.push(Entry { room: Some(room), user: None, subject, change });
    }

    /// Tells one person.
    pub fn tell(&mut self, user: UserId, subject: Uuid, change: Change) {
        self.entries.push(Entry { room: None, user: Some(user), subject, change });
    }

    /// Tells the members of a room and someone who is not one any more.
    pub fn tell_both(&mut self, room: RoomId, user: UserId, subject: Uuid, change: Change) {
        self.entries.push(Entry { room: Some(room), user: Some(user), subject, change });
    }
}

/// The way into the ledger.
#[derive(Clone, Debug)]
pub struct Ledger {
    jobs: mpsc::Sender<Job>,
    /// Bytes that commands may still keep.
    room: Arc<Semaphore>,
}

enum Job {
    Send(Box<sends::Send>),
    Write(Box<dyn Pending>),
    /// What is before it is done, then the ledger ends.
    Stop,
}

impl Job {
    fn message(&mut self) -> Option<&mut sends::Send> {
        match self {
            Self::Send(send) => Some(send),
            Self::Write(_) | Self::Stop => None,
        }
    }

    /// Bytes that it keeps.
    fn bytes(&self) -> usize {
        match self {
            Self::Send(send) => send.kept.num_permits(),
            Self::Write(write) => write.bytes(),
            Self::Stop => 0,
        }
    }

    /// Tells whoever waits how it went; `failure` when the whole batch did not happen.
    fn answer(self, failure: Option<&Error>) {
        match self {
            Self::Send(send) => send.answer(failure.cloned()),
            Self::Write(write) => write.answer(failure.cloned()),
            Self::Stop => {}
        }
    }
}

/// A command, whatever its answer.
#[async_trait]
trait Pending: Send {
    fn room(&self) -> Option<RoomId>;
    fn speaker(&self) -> Option<UserId>;
    fn bytes(&self) -> usize;
    async fn run(&mut self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault>;
    /// Keeps a refusal to be told after the commit, when it is certain.
    fn refuse(&mut self, error: Error);
    /// Tells the caller how it went; `None` after a commit.
    fn answer(self: Box<Self>, failure: Option<Error>);
}

struct Waiting<W: Write> {
    write: W,
    outcome: Option<Result<W::Done>>,
    reply: oneshot::Sender<Result<W::Done>>,
    /// Its part of the bytes that may wait.
    kept: OwnedSemaphorePermit,
}

#[async_trait]
impl<W: Write> Pending for Waiting<W> {
    fn room(&self) -> Option<RoomId> {
        self.write.room()
    }

    fn speaker(&self) -> Option<UserId> {
        self.write.speaker()
    }

    fn bytes(&self) -> usize {
        self.kept.num_permits()
    }

    async fn run(&mut self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        self.outcome = Some(Ok(self.write.run(tx, log).await?));
        Ok(())
    }

    fn refuse(&mut self, error: Error) {
        self.outcome = Some(Err(error));
    }

    fn answer(self: Box<Self>, failure: Option<Error>) {
        let outcome = match (failure, self.outcome) {
            (Some(error), _) => Err(error),
            (None, Some(outcome)) => outcome,
            (None, None) => Err(Error::internal()),
        };
        // A caller who went away does not need the answer; what was done stays done.
        let _ = self.reply.send(outcome);
    }
}

impl Ledger {
    /// Starts the ledger, on a thread of its own: everyone waits for it, so it must not wait for a turn among the
    /// thousands of sockets that its last batch woke.
    pub fn start(
        store: Store,
        clock: Clock,
        hub: Arc<Hub>,
        feed: mpsc::Sender<Committed>,
    ) -> io::Result<(Self, JoinHandle<()>)> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let thread = runtime::Builder::new_current_thread().enable_all().build()?;
        let here = runtime::Handle::current();
        let running =
            spawn_blocking(move || thread.block_on(batch::run(batch::Desk { store, clock, hub }, queue, feed, here)));
        Ok((Self { jobs, room: Arc::new(Semaphore::new(QUEUE_BYTES)) }, running))
    }

    /// Runs a command; answers once its effect is durable.
    pub async fn write<W: Write>(&self, write: W) -> Result<W::Done> {
        let kept = self.keep(write.bytes())?;
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Write(Box::new(Waiting { write, outcome: None, reply, kept })))?;
        answer.await.map_err(|_| busy())?
    }

    /// Stores a message; answers once it is durable.
    pub async fn send(&self, send: NewSend) -> Result<Created<Message>> {
        let kept = self.keep(send.body.len() + send.html.len())?;
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Send(Box::new(sends::Send { new: send, outcome: None, reply, kept })))?;
        answer.await.map_err(|_| busy())?
    }

    /// Lets the ledger finish what has queued, and end.
    pub async fn stop(&self) {
        let _ = self.jobs.send(Job::Stop).await;
    }

    /// Takes a command's part of the bytes that may wait.
    fn keep(&self, bytes: usize) -> Result<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes + COMMAND_BYTES).map_err(|_| busy())?;
        self.room.clone().try_acquire_many_owned(bytes).map_err(|_| busy())
    }

    fn submit(&self, job: Job) -> Result<()> {
        self.jobs.try_send(job).map_err(|_| busy())
    }
}

/// The queue is full, or the server is stopping.
fn busy() -> Error {
    Error::new(Code::Busy, "The server has more to do than it can do soon. Try again in a moment.")
}

#[cfg(test)]
mod tests;
