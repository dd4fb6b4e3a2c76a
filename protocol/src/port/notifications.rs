//! The caller's notifications.

use crate::{
    command::ReadNotifications,
    error::Result,
    notification::Notification,
    page::{Page, PageQuery},
    session::Caller,
};
use async_trait::async_trait;

/// The caller's notifications.
#[async_trait]
pub trait Notifications: Send + Sync + 'static {
    /// Lists the caller's notifications, newest first.
    async fn list_notifications(&self, caller: &Caller, page: PageQuery) -> Result<Page<Notification>>;
    /// Marks some or all of the caller's notifications as read.
    async fn read_notifications(&self, caller: &Caller, command: ReadNotifications) -> Result<()>;
}
