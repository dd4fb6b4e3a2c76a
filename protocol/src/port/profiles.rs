//! What people say about themselves, and how they like things.

use async_trait::async_trait;

/// Profiles, pictures and settings.
#[async_trait]
pub trait Profiles: Send + Sync + 'static {}
