//! What people say about themselves, and how they like things.

use crate::{
    command::{SetStatus, UpdateProfile},
    error::Result,
    id::UserId,
    profile::{Picture, Profile},
    session::Caller,
    settings::Settings,
    user::User,
};
use async_trait::async_trait;
use serde_json::Value;

/// Profiles, pictures and settings.
#[async_trait]
pub trait Profiles: Send + Sync + 'static {
    /// What the caller says about themselves.
    async fn profile(&self, caller: &Caller) -> Result<Profile>;
    /// Changes what the caller says about themselves.
    async fn update_profile(&self, caller: &Caller, command: UpdateProfile) -> Result<Profile>;
    /// The names of the time zones, for a form.
    fn time_zones(&self) -> Vec<&'static str>;
    /// Says what the caller is doing; a command that says nothing takes it back.
    async fn set_status(&self, caller: &Caller, command: SetStatus) -> Result<User>;
    /// Takes a picture of the caller out of a file of any name: a PNG, JPEG, WebP or the first frame of a GIF.
    async fn set_avatar(&self, caller: &Caller, file: Vec<u8>) -> Result<User>;
    /// Takes the caller's picture away.
    async fn remove_avatar(&self, caller: &Caller) -> Result<()>;
    /// A picture by its hash, in one of its sizes.
    async fn avatar(&self, caller: &Caller, hash: &str, size: u32) -> Result<Picture>;
    /// Someone's picture in one of its sizes; their initials when they have none.
    async fn avatar_of(&self, caller: &Caller, id: UserId, size: u32) -> Result<Picture>;

    /// How the caller likes things.
    async fn settings(&self, caller: &Caller) -> Result<Settings>;
    /// Takes the whole of the caller's settings; each field that is missing, unknown or wrong is told.
    async fn replace_settings(&self, caller: &Caller, whole: Value) -> Result<Settings>;
    /// Back to how things are for someone new.
    async fn reset_settings(&self, caller: &Caller) -> Result<Settings>;
}
