//! Finding people, keeping some away, and leaving.

use crate::{
    about::About,
    command::{Deactivate, FindPeople},
    error::Result,
    id::UserId,
    page::{Page, PageQuery},
    session::Caller,
    user::User,
};
use async_trait::async_trait;

/// Finding people, keeping some away, and leaving.
#[async_trait]
pub trait People: Send + Sync + 'static {
    /// People by name, best first; everyone by username when nothing is asked for. Guests find those with whom they share
    /// a room. A page may be short and still have a next one.
    async fn find_people(&self, caller: &Caller, command: FindPeople) -> Result<Page<User>>;
    /// A person by username, as their page shows them.
    async fn about(&self, caller: &Caller, username: &str) -> Result<About>;
    /// Who is here and says so, in the order in which their accounts were made.
    async fn people_online(&self, caller: &Caller, page: PageQuery) -> Result<Page<User>>;
    /// Keeps someone away: what they say is folded up, and they cannot address the caller. They cannot tell.
    async fn block(&self, caller: &Caller, id: UserId) -> Result<()>;
    /// Lets someone near again.
    async fn unblock(&self, caller: &Caller, id: UserId) -> Result<()>;
    /// Whom the caller keeps away.
    async fn blocked(&self, caller: &Caller, page: PageQuery) -> Result<Page<User>>;
    /// Deactivates the caller's account: all their sessions end.
    async fn deactivate(&self, caller: &Caller, command: Deactivate) -> Result<()>;
}
