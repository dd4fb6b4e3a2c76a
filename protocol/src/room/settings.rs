//! Settings of rooms.

use serde::{Deserialize, Serialize};

/// The settings of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomSettings {
    /// How many members the room can have; null for no limit. Members who are there already stay.
    pub member_limit: Option<i64>,
    /// How many seconds each member waits between two messages; 0 for none. Not for moderators and owners.
    pub slow_mode_seconds: i64,
    /// Whether members may attach files.
    pub uploads: bool,
    /// Whether newcomers see the messages from before they joined. Members who are there already see what they saw.
    pub history_visible: bool,
    /// After how many days messages are deleted; null for never.
    pub retention_days: Option<i64>,
}

impl Default for RoomSettings {
    fn default() -> Self {
        Self { member_limit: None, slow_mode_seconds: 0, uploads: true, history_visible: true, retention_days: None }
    }
}
