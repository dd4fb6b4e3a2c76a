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
    /// Keeps someone away: what they say is folded up, and they cannot address the caller. They cannot tell.
    async fn block(&self, caller: &Caller, id: UserId) -> Result<()>;
    /// Lets someone near again.
    async fn unblock(&self, caller: &Caller, id: UserId) -> Result<()>;
    /// Whom the caller keeps away.
    async fn list_blocked(&self, caller: &Caller, page: PageQuery) -> Result<Page<User>>;
}
