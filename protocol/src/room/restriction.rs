//! Bans from rooms, and mutes in them.

use crate::{time::Time, user::Author};
use serde::{Deserialize, Serialize};

/// A mute of the caller in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberMute {
    /// When the mute ends; null if it does not end by itself.
    pub until: Option<Time>,
    /// The reason, as the moderator gave it; may be empty.
    pub reason: String,
}

impl MemberMute {
    /// Whether the mute is in force at a time.
    pub fn is_active(&self, now: Time) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// A user who is banned from a room, or muted in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberRestriction {
    /// The user.
    pub user: Author,
    /// The moderator who did it.
    pub created_by: Author,
    /// The reason; may be empty.
    pub reason: String,
    /// When it ends; null if it does not end by itself.
    pub until: Option<Time>,
    /// When it began.
    pub created_at: Time,
}
