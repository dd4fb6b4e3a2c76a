//! Notifications to the caller.

use crate::{
    command::ReadNotifications,
    error::Result,
    notification::Notification,
    page::{Page, PageQuery},
    session::Caller,
};
use async_trait::async_trait;

/// Notifications to the caller.
#[async_trait]
pub trait Notifications: Send + Sync + 'static {
    /// What the caller was told, the newest first.
    async fn notifications(&self, caller: &Caller, page: PageQuery) -> Result<Page<Notification>>;
    /// Notes that the caller has read some of it, or all.
    async fn read_notifications(&self, caller: &Caller, command: ReadNotifications) -> Result<()>;
}
