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
    /// Gets the caller's profile.
    async fn get_profile(&self, caller: &Caller) -> Result<Profile>;
    /// Updates the caller's profile.
    async fn update_profile(&self, caller: &Caller, command: UpdateProfile) -> Result<Profile>;
    /// The names of the time zones, for a form.
    fn time_zones(&self) -> Vec<&'static str>;
    /// Sets the caller's status; an empty command clears it.
    async fn set_status(&self, caller: &Caller, command: SetStatus) -> Result<User>;
    /// Gets the caller's settings.
    async fn get_settings(&self, caller: &Caller) -> Result<Settings>;
    /// Replaces all of the caller's settings; each missing, unknown or invalid field is reported.
    async fn replace_settings(&self, caller: &Caller, settings: Value) -> Result<Settings>;
    /// Resets the caller's settings to the defaults.
    async fn reset_settings(&self, caller: &Caller) -> Result<Settings>;
}
