//! Sessions, personal access tokens, and what the service tells a person about them.

use crate::{
    command::{ConfirmPassword, ReadNotifications},
    error::Result,
    notification::Notification,
    page::{Page, PageQuery},
    session::Caller,
};
use async_trait::async_trait;

/// Sessions, personal access tokens and notifications.
#[async_trait]
pub trait SignIns: Send + Sync + 'static {
    /// Takes the password again; for the next 15 minutes it is not asked for in this session.
    async fn confirm_password(&self, caller: &Caller, command: ConfirmPassword) -> Result<()>;
    /// Whether the password was given lately, so that a sensitive act would not ask for it; refuses as the act would.
    async fn check_proof(&self, caller: &Caller) -> Result<()>;

    /// What the caller was told, the newest first.
    async fn notifications(&self, caller: &Caller, page: PageQuery) -> Result<Page<Notification>>;
    /// Notes that the caller has read some of it, or all.
    async fn read_notifications(&self, caller: &Caller, command: ReadNotifications) -> Result<()>;
}
