//! The only write path. Queued commands run in one transaction, so that one disk sync covers them all; then the callers
//! get their replies and the events go to the feed. A single command is not delayed.

mod batch;
pub mod messages;

use crate::{
    clock::Clock,
    error::CommandError,
    events::view::ViewContext,
    events::{
        feed::Committed,
        hub::Hub,
        ledger::messages::{MessageWriter, NewMessage, QueuedMessage},
    },
    store::{self, Store, Tx, events::NewEvent},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    error::Code,
    event::Change,
    id::{RoomId, UserId},
    message::Message,
    page::Created,
    session::Caller,
    time::Time,
};
use std::{io, sync::Arc};
use tokio::{
    runtime,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot},
    task::{JoinHandle, spawn_blocking},
};
use uuid::Uuid;

/// Queued commands; beyond this, a command is rejected at once as `Busy`.
const QUEUE: usize = 8192;
/// Bytes that queued and running commands may occupy; a command beyond this is rejected at once as `Busy`.
const QUEUE_BYTES: usize = 32 * 1024 * 1024;
/// Bytes counted for each command in addition to its long texts and images.
const COMMAND_BYTES: usize = 1024;

/// A command that writes: it makes every check that depends on the caller, then applies its changes.
#[async_trait]
pub trait Command: Send + Sync + 'static {
    /// Value returned to the caller.
    type Output: Send + 'static;

    /// The room to lock for this command.
    fn room(&self) -> Option<RoomId> {
        None
    }

    /// More rooms to lock for it.
    fn further_rooms(&self) -> &[RoomId] {
        &[]
    }

    /// A user all of whose rooms are locked too, so that a concurrent message of that user on another node is ordered
    /// before this command or sees its effect.
    fn lock_rooms_of(&self) -> Option<UserId> {
        None
    }

    /// Bytes of the long texts and images held while the command is queued.
    fn bytes(&self) -> usize {
        0
    }

    /// Runs in a savepoint, which is rolled back on failure. May run again if the database aborts the batch.
    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Self::Output, CommandError>;
}

/// Who runs a command.
#[derive(Clone, Copy, Debug)]
pub enum Actor {
    /// A signed-in user.
    Caller(Caller),
    /// A visitor who is not signed in: they register, log in or open a link.
    Visitor,
    /// The service itself.
    System,
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        Self::Caller(*caller)
    }
}

/// Context of the running command; collects the events of its batch.
#[derive(Debug)]
pub struct CommandContext {
    pub at: Time,
    pub clock: Clock,
    pub actor: Actor,
    hub: Arc<Hub>,
    events: Vec<NewEvent>,
}

impl CommandContext {
    /// The signed-in user who runs the command; a command that others run too must not use it.
    pub fn caller(&self) -> Result<Caller, CommandError> {
        match self.actor {
            Actor::Caller(caller) => Ok(caller),
            Actor::Visitor | Actor::System => Err(Error::internal().into()),
        }
    }

    /// View context at the time of the batch.
    pub fn view_context(&self) -> ViewContext {
        ViewContext { at: self.at, hub: self.hub.clone() }
    }

    /// Publishes to the members of a room.
    pub fn publish_to_room(&mut self, room: RoomId, subject: Uuid, change: Change) {
        self.events.push(NewEvent { room: Some(room), user: None, subject, change });
    }

    /// Publishes to one user.
    pub fn publish_to_user(&mut self, user: UserId, subject: Uuid, change: Change) {
        self.events.push(NewEvent { room: None, user: Some(user), subject, change });
    }

    /// Publishes a user's read markers in these rooms, as they are now, to that user.
    pub async fn publish_read_markers(&mut self, tx: &mut Tx, user: UserId, rooms: &[RoomId]) -> sqlx::Result<()> {
        let pairs: Vec<_> = rooms.iter().map(|room| (*room, user)).collect();
        for (user, marker) in store::read_markers::find_many(tx, &pairs).await? {
            self.publish_to_user(user, marker.room_id.0, Change::ReadUpdated(marker));
        }
        Ok(())
    }

    /// Publishes to the members of a room and to a user who is no longer a member.
    pub fn publish_to_room_and_user(&mut self, room: RoomId, user: UserId, subject: Uuid, change: Change) {
        self.events.push(NewEvent { room: Some(room), user: Some(user), subject, change });
    }

    /// Begins a part of the command that can be rolled back alone; returns the number of events so far.
    pub(in crate::events) async fn begin_part(&self, tx: &mut Tx) -> sqlx::Result<usize> {
        tx.execute("savepoint part").await?;
        Ok(self.events.len())
    }

    /// Keeps the changes and events of the part.
    pub(in crate::events) async fn keep_part(&self, tx: &mut Tx) -> sqlx::Result<()> {
        tx.execute("release savepoint part").await
    }

    /// Rolls back the changes and events of the part.
    pub(in crate::events) async fn roll_back_part(&mut self, tx: &mut Tx, events_before: usize) -> sqlx::Result<()> {
        self.events.truncate(events_before);
        tx.execute("rollback to savepoint part").await?;
        tx.execute("release savepoint part").await
    }
}

/// Handle to submit commands to the ledger.
#[derive(Clone, Debug)]
pub struct Ledger {
    jobs: mpsc::Sender<Job>,
    /// Bytes that commands may still reserve.
    byte_budget: Arc<Semaphore>,
}

enum Job {
    Message(Box<QueuedMessage>),
    Command(Box<dyn ErasedCommand>),
    /// Ends the ledger after the jobs queued before.
    Stop,
}

impl Job {
    fn message(&mut self) -> Option<&mut QueuedMessage> {
        match self {
            Self::Message(send) => Some(send),
            Self::Command(_) | Self::Stop => None,
        }
    }

    /// Bytes reserved by the job.
    fn bytes(&self) -> usize {
        match self {
            Self::Message(send) => send.reserved.num_permits(),
            Self::Command(write) => write.bytes(),
            Self::Stop => 0,
        }
    }

    /// Sends the reply to the caller; `failure` is set when the whole batch failed.
    fn reply(self, failure: Option<&Error>) {
        match self {
            Self::Message(send) => send.reply(failure.cloned()),
            Self::Command(write) => write.reply(failure.cloned()),
            Self::Stop => {}
        }
    }
}

/// A command with its output type erased.
#[async_trait]
trait ErasedCommand: Send {
    fn actor(&self) -> Actor;
    fn room(&self) -> Option<RoomId>;
    fn further_rooms(&self) -> &[RoomId];
    fn lock_rooms_of(&self) -> Option<UserId>;
    fn bytes(&self) -> usize;
    async fn run(&mut self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError>;
    /// Stores a rejection, to be sent after the commit, when it is final.
    fn reject(&mut self, error: Error);
    /// Sends the reply to the caller; `failure` is `None` after a commit.
    fn reply(self: Box<Self>, failure: Option<Error>);
}

struct QueuedCommand<W: Command> {
    actor: Actor,
    command: W,
    outcome: Option<Result<W::Output>>,
    reply: oneshot::Sender<Result<W::Output>>,
    /// Bytes reserved in the ledger's budget.
    reserved: OwnedSemaphorePermit,
}

#[async_trait]
impl<W: Command> ErasedCommand for QueuedCommand<W> {
    fn actor(&self) -> Actor {
        self.actor
    }

    fn room(&self) -> Option<RoomId> {
        self.command.room()
    }

    fn further_rooms(&self) -> &[RoomId] {
        self.command.further_rooms()
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
        // The caller may have disconnected; the changes remain.
        let _ = self.reply.send(outcome);
    }
}

impl Ledger {
    /// Starts the ledger on a thread of its own: every writer waits for it, so it must not be scheduled behind the
    /// thousands of sockets that its last batch woke.
    pub fn start(
        store: Store,
        clock: Clock,
        hub: Arc<Hub>,
        message_writer: Box<dyn MessageWriter>,
        feed: mpsc::Sender<Committed>,
    ) -> io::Result<(Self, JoinHandle<()>)> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let thread = runtime::Builder::new_current_thread().enable_all().build()?;
        let main_runtime = runtime::Handle::current();
        let running = spawn_blocking(move || {
            thread.block_on(batch::run(
                batch::BatchDeps { store, clock, hub, message_writer },
                queue,
                feed,
                main_runtime,
            ));
        });
        Ok((Self { jobs, byte_budget: Arc::new(Semaphore::new(QUEUE_BYTES)) }, running))
    }

    /// Runs a command; returns once its changes are durable.
    pub async fn write<W: Command>(&self, actor: impl Into<Actor>, command: W) -> Result<W::Output> {
        let actor = actor.into();
        let reserved = self.reserve(command.bytes())?;
        let (reply, response) = oneshot::channel();
        self.submit(Job::Command(Box::new(QueuedCommand { actor, command, outcome: None, reply, reserved })))?;
        response.await.map_err(|_| busy())?
    }

    /// Stores a message; returns once it is durable.
    pub async fn send(&self, message: NewMessage) -> Result<Created<Message>> {
        let reserved = self.reserve(message.body.len() + message.html.len())?;
        let (reply, response) = oneshot::channel();
        self.submit(Job::Message(Box::new(QueuedMessage { message, outcome: None, reply, reserved })))?;
        response.await.map_err(|_| busy())?
    }

    /// Stops the ledger after it has processed its queue.
    pub async fn stop(&self) {
        let _ = self.jobs.send(Job::Stop).await;
    }

    /// Reserves a command's bytes in the budget.
    fn reserve(&self, bytes: usize) -> Result<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes + COMMAND_BYTES).map_err(|_| busy())?;
        self.byte_budget.clone().try_acquire_many_owned(bytes).map_err(|_| busy())
    }

    fn submit(&self, job: Job) -> Result<()> {
        self.jobs.try_send(job).map_err(|_| busy())
    }
}

/// Error when the queue is full or the server is stopping.
fn busy() -> Error {
    Error::new(Code::Busy, "The server is overloaded. Try again in a moment.")
}

#[cfg(test)]
mod tests;
