//! The sessions of the caller.

use crate::{
    command::RenameSession,
    error::Result,
    id::SessionId,
    page::{Page, PageQuery},
    session::{Caller, Session, SessionStats},
};
use async_trait::async_trait;

/// The sessions of the caller.
#[async_trait]
pub trait Sessions: Send + Sync + 'static {
    /// Where the caller is signed in, the newest first.
    async fn sessions(&self, caller: &Caller, page: PageQuery) -> Result<Page<Session>>;
    /// The sign-in that asks.
    async fn current_session(&self, caller: &Caller) -> Result<Session>;
    /// Gives one of the caller's sessions a name.
    async fn rename_session(&self, caller: &Caller, id: SessionId, command: RenameSession) -> Result<Session>;
    /// Ends one of the caller's sessions.
    async fn end_session(&self, caller: &Caller, id: SessionId) -> Result<()>;
    /// Ends all of the caller's sign-ins but this one; access tokens stay.
    async fn end_other_sessions(&self, caller: &Caller) -> Result<()>;
    /// How often and on what the caller signs in.
    async fn session_stats(&self, caller: &Caller) -> Result<SessionStats>;
}
