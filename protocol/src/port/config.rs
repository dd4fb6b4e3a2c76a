//! The configuration of the service.

use crate::{credentials::Config, error::Result, session::Caller, time::Time};
use async_trait::async_trait;

/// The configuration of the service.
#[async_trait]
pub trait ServiceConfig: Send + Sync + 'static {
    /// Gets the settings that administrators can change at run time.
    async fn get_config(&self, caller: &Caller) -> Result<Config>;
    /// Replaces them, effective at once on every node.
    async fn set_config(&self, caller: &Caller, config: Config) -> Result<Config>;
    /// Whether this server sends email.
    fn sends_mail(&self) -> bool;
    /// The public URL of the server, without a trailing slash.
    fn public_url(&self) -> &str;
    /// The current time of the service.
    fn now(&self) -> Time;
}
