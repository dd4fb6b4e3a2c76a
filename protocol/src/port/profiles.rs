//! Profiles, statuses and settings.

use crate::{
    command::{SetStatus, UpdateProfile},
    error::Result,
    profile::{Profile, TimeZone},
    session::Caller,
    settings::{PageSettings, Settings},
    time::Time,
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
    /// The time zones to choose from, by name.
    fn time_zones(&self) -> Vec<TimeZone>;
    /// How many minutes local time in a time zone is ahead of UTC; `None` if the time zone is unknown.
    fn utc_offset(&self, zone: &str, at: Time) -> Option<i64>;
    /// Sets the caller's status; an empty command clears it.
    async fn set_status(&self, caller: &Caller, command: SetStatus) -> Result<User>;
    /// Gets the caller's settings.
    async fn get_settings(&self, caller: &Caller) -> Result<Settings>;
    /// Gets what pages are rendered with.
    async fn get_page_settings(&self, caller: &Caller) -> Result<PageSettings>;
    /// Replaces all of the caller's settings; each missing, unknown or invalid field is reported.
    async fn replace_settings(&self, caller: &Caller, settings: Value) -> Result<Settings>;
    /// Resets the caller's settings to the defaults.
    async fn reset_settings(&self, caller: &Caller) -> Result<Settings>;
}
