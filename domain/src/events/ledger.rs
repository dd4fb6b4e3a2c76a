//! The one write path. Commands queue; what has queued runs in one transaction, so that one disk sync pays for all of it;
//! then everyone is answered, then what happened goes to the feed. A lone command waits for nobody.

mod batch;
pub mod messages;

use crate::{
    clock::Clock,
    error::CommandError,
    events::{feed::Committed, hub::Hub, ledger::messages::NewMessage},
    store::{Store, Tx},
    users::view::ViewContext,
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
pub trait Command: Send + Sync + 'static {
    /// What the caller gets.
    type Output: Send + 'static;

    /// The room whose order it takes part in.
    fn room(&self) -> Option<RoomId> {
        None
    }

    /// Someone in the order of all of whose rooms it takes part as well: what they say meanwhile through another node comes
    /// before it, or knows of it.
    fn lock_rooms_of(&self) -> Option<UserId> {
        None
    }

    /// Bytes of the long texts and pictures that it keeps while it waits.
    fn bytes(&self) -> usize {
        0
    }

    /// Runs in a savepoint: what it did is undone if it fails. It may run again if the database gives up the batch.
    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Self::Output, CommandError>;
}

/// One thing that happened, and who is told.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The members of this room are told.
    pub room: Option<RoomId>,
    /// This person is told.
    pub user: Option<UserId>,
    /// The thing it happened to.
    pub subject: Uuid,
    /// What happened.
    pub change: Change,
}

impl NewEvent {
    pub fn kind(&self) -> &'static str {
        self.change.kind()
    }
}

/// What a batch has done so far.
#[derive(Debug)]
pub struct CommandContext {
    pub at: Time,
    pub clock: Clock,
    hub: Arc<Hub>,
    events: Vec<NewEvent>,
}

impl CommandContext {
    /// How people look while this happens.
    pub fn view_context(&self) -> ViewContext {
        ViewContext { at: self.at, hub: self.hub.clone() }
    }

    /// Tells the members of a room.
    pub fn publish_to_room(&mut self, room: RoomId, subject: Uuid, change: Change) {
        self.events.push(NewEvent { room: Some(room), user: None, subject, change });
    }

    /// Tells one person.
    pub fn publish_to_user(&mut self, user: UserId, subject: Uuid, change: Change) {
        self.events.push(NewEvent { room: None, user: Some(user), subject, change });
    }

    /// Tells the members of a room and someone who is not one any more.
    pub fn publish_to_room_and_user(&mut self, room: RoomId, user: UserId, subject: Uuid, change: Change) {
        self.events.push(NewEvent { room: Some(room), user: Some(user), subject, change });
    }
}

/// The way into the ledger.
#[derive(Clone, Debug)]
pub struct Ledger {
    jobs: mpsc::Sender<Job>,
    /// Bytes that commands may still keep.
    byte_budget: Arc<Semaphore>,
}

enum Job {
    Message(Box<messages::QueuedMessage>),
    Command(Box<dyn ErasedCommand>),
    /// What is before it is done, then the ledger ends.
    Stop,
}

impl Job {
    fn message(&mut self) -> Option<&mut messages::QueuedMessage> {
        match self {
            Self::Message(send) => Some(send),
            Self::Command(_) | Self::Stop => None,
        }
    }

    /// Bytes that it keeps.
    fn bytes(&self) -> usize {
        match self {
            Self::Message(send) => send.reserved.num_permits(),
            Self::Command(write) => write.bytes(),
            Self::Stop => 0,
        }
    }

    /// Tells whoever waits how it went; `failure` when the whole batch did not happen.
    fn reply(self, failure: Option<&Error>) {
        match self {
            Self::Message(send) => send.reply(failure.cloned()),
            Self::Command(write) => write.reply(failure.cloned()),
            Self::Stop => {}
        }
    }
}

/// A command, whatever its answer.
#[async_trait]
trait ErasedCommand: Send {
    fn room(&self) -> Option<RoomId>;
    fn lock_rooms_of(&self) -> Option<UserId>;
    fn bytes(&self) -> usize;
    async fn run(&mut self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError>;
    /// Keeps a refusal to be told after the commit, when it is certain.
    fn reject(&mut self, error: Error);
    /// Tells the caller how it went; `None` after a commit.
    fn reply(self: Box<Self>, failure: Option<Error>);
}

struct QueuedCommand<W: Command> {
    command: W,
    outcome: Option<Result<W::Output>>,
    reply: oneshot::Sender<Result<W::Output>>,
    /// Its part of the bytes that may wait.
    reserved: OwnedSemaphorePermit,
}

#[async_trait]
impl<W: Command> ErasedCommand for QueuedCommand<W> {
    fn room(&self) -> Option<RoomId> {
        self.command.room()
    }

    fn lock_rooms_of(&self) -> Option<UserId> {
        self.command.lock_rooms_of()
    }

    fn bytes(&self) -> usize {
        self.reserved.num_permits()
    }

    async fn run(&mut self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        self.outcome = Some(Ok(self.command.run(tx, ctx).await?));
        Ok(())
    }

    fn reject(&mut self, error: Error) {
        self.outcome = Some(Err(error));
    }

    fn reply(self: Box<Self>, failure: Option<Error>) {
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
        let main_runtime = runtime::Handle::current();
        let running = spawn_blocking(move || {
            thread.block_on(batch::run(batch::BatchDeps { store, clock, hub }, queue, feed, main_runtime));
        });
        Ok((Self { jobs, byte_budget: Arc::new(Semaphore::new(QUEUE_BYTES)) }, running))
    }

    /// Runs a command; answers once its effect is durable.
    pub async fn write<W: Command>(&self, command: W) -> Result<W::Output> {
        let reserved = self.reserve(command.bytes())?;
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Command(Box::new(QueuedCommand { command, outcome: None, reply, reserved })))?;
        answer.await.map_err(|_| busy())?
    }

    /// Stores a message; answers once it is durable.
    pub async fn send(&self, message: NewMessage) -> Result<Created<Message>> {
        let reserved = self.reserve(message.body.len() + message.html.len())?;
        let (reply, answer) = oneshot::channel();
        self.submit(Job::Message(Box::new(messages::QueuedMessage { message, outcome: None, reply, reserved })))?;
        answer.await.map_err(|_| busy())?
    }

    /// Lets the ledger finish what has queued, and end.
    pub async fn stop(&self) {
        let _ = self.jobs.send(Job::Stop).await;
    }

    /// Takes a command's part of the bytes that may wait.
    fn reserve(&self, bytes: usize) -> Result<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes + COMMAND_BYTES).map_err(|_| busy())?;
        self.byte_budget.clone().try_acquire_many_owned(bytes).map_err(|_| busy())
    }

    fn submit(&self, job: Job) -> Result<()> {
        self.jobs.try_send(job).map_err(|_| busy())
    }
}

/// The queue is full, or the server is stopping.
fn busy() -> Error {
    Error::new(Code::Busy, "The server is overloaded. Try again in a moment.")
}

#[cfg(test)]
mod tests;
