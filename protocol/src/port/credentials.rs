//! How people prove who they are: passwords, e-mail addresses, second factors.

use async_trait::async_trait;

/// Passwords, e-mail addresses and second factors.
#[async_trait]
pub trait Credentials: Send + Sync + 'static {}
