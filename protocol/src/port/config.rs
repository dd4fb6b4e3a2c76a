//! The configuration of the service.

use crate::{credentials::Config, error::Result, session::Caller, time::Time};
use async_trait::async_trait;

/// The configuration of the service.
#[async_trait]
pub trait ServiceConfig: Send + Sync + 'static {
    /// What administrators change while the service runs.
    async fn config(&self, caller: &Caller) -> Result<Config>;
    /// Changes it, on every node at once.
    async fn set_config(&self, caller: &Caller, config: Config) -> Result<Config>;
    /// Whether this server sends mail.
    fn sends_mail(&self) -> bool;
    /// Where people reach the server, without a slash at the end.
    fn public_url(&self) -> &str;
    /// What time it is for the service.
    fn now(&self) -> Time;
}
