//! Finding users.

use crate::{
    about::UserProfile,
    command::SearchUsers,
    error::Result,
    id::UserId,
    page::{Page, PageQuery},
    session::Caller,
    user::User,
};
use async_trait::async_trait;

/// Finding users.
#[async_trait]
pub trait Users: Send + Sync + 'static {
    /// The caller, with what only they see.
    async fn me(&self, caller: &Caller) -> Result<User>;
    /// A person.
    async fn user(&self, caller: &Caller, id: UserId) -> Result<User>;
    /// A person by username.
    async fn user_named(&self, caller: &Caller, username: &str) -> Result<User>;
    /// People by name, best first; everyone by username when nothing is asked for. Guests find those with whom they share
    /// a room. A page may be short and still have a next one.
    async fn search_users(&self, caller: &Caller, command: SearchUsers) -> Result<Page<User>>;
    /// A person by username, as their page shows them.
    async fn user_profile(&self, caller: &Caller, username: &str) -> Result<UserProfile>;
    /// Who is here and says so, in the order in which their accounts were made.
    async fn list_online(&self, caller: &Caller, page: PageQuery) -> Result<Page<User>>;
}
