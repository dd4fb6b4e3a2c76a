//! Sessions, personal access tokens, and what the service tells a person about them.

use async_trait::async_trait;

/// Sessions, personal access tokens and notifications.
#[async_trait]
pub trait SignIns: Send + Sync + 'static {}
