//! Finding people, and keeping some away.

use async_trait::async_trait;

/// Finding people and keeping some away.
#[async_trait]
pub trait People: Send + Sync + 'static {}
