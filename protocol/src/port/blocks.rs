//! Blocking users.

use crate::{
    error::Result,
    id::UserId,
    page::{Page, PageQuery},
    session::Caller,
    user::User,
};
use async_trait::async_trait;

/// Blocking users.
#[async_trait]
pub trait Blocks: Send + Sync + 'static {
    /// Blocks a user: their messages are collapsed, and they cannot contact the caller. They cannot detect it.
    async fn block_user(&self, caller: &Caller, id: UserId) -> Result<()>;
    /// Unblocks a user.
    async fn unblock_user(&self, caller: &Caller, id: UserId) -> Result<()>;
    /// Lists the users that the caller blocks.
    async fn list_blocked(&self, caller: &Caller, page: PageQuery) -> Result<Page<User>>;
}
