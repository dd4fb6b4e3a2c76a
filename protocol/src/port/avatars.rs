//! Avatars.

use crate::{error::Result, id::UserId, profile::Picture, session::Caller, user::User};
use async_trait::async_trait;

/// Avatars.
#[async_trait]
pub trait Avatars: Send + Sync + 'static {
    /// Sets the caller's avatar from a file of any name: a PNG, JPEG, WebP or the first frame of a GIF.
    async fn set_avatar(&self, caller: &Caller, file: Vec<u8>) -> Result<User>;
    /// Removes the caller's avatar.
    async fn remove_avatar(&self, caller: &Caller) -> Result<()>;
    /// Gets an avatar by its hash, in one of its sizes.
    async fn get_avatar(&self, caller: &Caller, hash: &str, size: u32) -> Result<Picture>;
    /// Gets a user's avatar in one of its sizes; their initials if they have none.
    async fn get_user_avatar(&self, caller: &Caller, id: UserId, size: u32) -> Result<Picture>;
}
