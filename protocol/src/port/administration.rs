//! Running the service: its people, its configuration.

use async_trait::async_trait;

/// What administrators and moderators do.
#[async_trait]
pub trait Administration: Send + Sync + 'static {}
