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
    /// Lists the caller's sessions, newest first.
    async fn list_sessions(&self, caller: &Caller, page: PageQuery) -> Result<Page<Session>>;
    /// Gets the session of the caller.
    async fn get_current_session(&self, caller: &Caller) -> Result<Session>;
    /// Renames one of the caller's sessions.
    async fn rename_session(&self, caller: &Caller, id: SessionId, command: RenameSession) -> Result<Session>;
    /// Ends one of the caller's sessions.
    async fn end_session(&self, caller: &Caller, id: SessionId) -> Result<()>;
    /// Ends all of the caller's sessions but this one; access tokens remain.
    async fn end_other_sessions(&self, caller: &Caller) -> Result<()>;
    /// Gets statistics on the caller's sessions.
    async fn get_session_stats(&self, caller: &Caller) -> Result<SessionStats>;
}
