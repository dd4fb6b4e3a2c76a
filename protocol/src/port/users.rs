//! Finding users.

use crate::{
    command::SearchUsers,
    error::Result,
    id::UserId,
    page::{Page, PageQuery},
    session::Caller,
    user::User,
    user_profile::UserProfile,
};
use async_trait::async_trait;

/// Finding users.
#[async_trait]
pub trait Users: Send + Sync + 'static {
    /// Gets the caller, including what only they see.
    async fn me(&self, caller: &Caller) -> Result<User>;
    /// Gets a user.
    async fn get_user(&self, caller: &Caller, id: UserId) -> Result<User>;
    /// Gets a user by username.
    async fn find_user(&self, caller: &Caller, username: &str) -> Result<User>;
    /// Searches users by name, best match first; an empty query lists everyone by username. Guests find users with whom
    /// they share a room. A page may be short and still have a next one.
    async fn search_users(&self, caller: &Caller, command: SearchUsers) -> Result<Page<User>>;
    /// Gets the profile page of a user, by username.
    async fn user_profile(&self, caller: &Caller, username: &str) -> Result<UserProfile>;
    /// Lists the users who are online and show it, in the order in which their accounts were created.
    async fn list_online(&self, caller: &Caller, page: PageQuery) -> Result<Page<User>>;
}
