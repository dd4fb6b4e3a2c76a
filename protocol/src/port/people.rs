//! Finding people, keeping some away, and leaving.

use crate::{
    command::{Deactivate, FindPeople},
    error::Result,
    page::Page,
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
    /// Deactivates the caller's account: all their sessions end.
    async fn deactivate(&self, caller: &Caller, command: Deactivate) -> Result<()>;
}
