//! Profiles, statuses and settings.

use crate::{
    command::{SetStatus, UpdateProfile},
    error::Result,
    profile::Profile,
    session::Caller,
    settings::Settings,
    user::User,
};
use async_trait::async_trait;
use serde_json::Value;

/// Profiles, statuses and settings.
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
    /// How the caller likes things.
    async fn settings(&self, caller: &Caller) -> Result<Settings>;
    /// Takes the whole of the caller's settings; each field that is missing, unknown or wrong is told.
    async fn replace_settings(&self, caller: &Caller, settings: Value) -> Result<Settings>;
    /// Back to how things are for someone new.
    async fn reset_settings(&self, caller: &Caller) -> Result<Settings>;
}
