//! Messages in the queue. They are most of what is written, so those of a batch are stored together; how, and who may
//! send them, is up to the [`MessageWriter`].

use crate::{events::ledger::CommandContext, store::Tx};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    id::{ClientId, RoomId, UserId},
    message::Message,
    page::Created,
};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

/// A message to store: validated and rendered.
#[derive(Clone, Debug)]
pub struct NewMessage {
    pub author: UserId,
    pub room_id: RoomId,
    pub client_id: ClientId,
    pub body: String,
    pub body_hash: i64,
    pub html: String,
}

/// A queued message and its reply channel.
pub struct QueuedMessage {
    pub message: NewMessage,
    pub outcome: Option<Result<Created<Message>>>,
    pub reply: oneshot::Sender<Result<Created<Message>>>,
    /// Bytes reserved in the ledger's budget.
    pub reserved: OwnedSemaphorePermit,
}

impl QueuedMessage {
    /// Sends the reply to the author; `failure` is set when the whole batch failed.
    pub fn reply(self, failure: Option<Error>) {
        let outcome = failure.map(Err).or(self.outcome).unwrap_or_else(|| Err(Error::internal()));
        let _ = self.reply.send(outcome);
    }
}

/// Stores the messages of a batch.
#[async_trait]
pub trait MessageWriter: Send + Sync {
    /// Stores the messages in order; a rejected message gets its error as outcome. A duplicate gets the message stored
    /// first if `check_duplicates` is set, and breaks the transaction otherwise.
    async fn store(
        &self,
        tx: &mut Tx,
        ctx: &mut CommandContext,
        messages: &mut [&mut QueuedMessage],
        check_duplicates: bool,
    ) -> sqlx::Result<()>;
}
