//! Commands that create, change and moderate rooms.

#[cfg(feature = "openapi")]
use crate::limits::schema;
use crate::{
    command::deserialize_some,
    id::UserId,
    room::{RoomKind, RoomRole, RoomSettings, Visibility},
    time::Time,
};
use serde::{Deserialize, Serialize};

commands! {
    /// Create a room; the caller becomes its owner and first member.
    #[derive(Default)]
    CreateRoom {
        /// One line; unique among public rooms, case-insensitive.
        name: String as (schema::RoomName),
        /// `channel` or `announcement`; `channel` if omitted.
        #[serde(default)]
        kind: RoomKind as (schema::CreatedRoomKind),
        /// Who can find the room.
        #[serde(default)]
        visibility: Visibility,
        /// One line.
        #[serde(default)]
        topic: String as (schema::RoomTopic),
        /// May have several lines.
        #[serde(default)]
        description: String as (schema::RoomDescription),
        /// One emoji, or empty.
        #[serde(default)]
        emoji: String as (schema::Emoji),
        /// The settings that differ from the defaults.
        #[serde(default)]
        settings: UpdateRoomSettings,
    }
    /// Change a room; omitted fields are unchanged.
    #[derive(Default)]
    UpdateRoom {
        /// One line; unique among public rooms, case-insensitive.
        #[serde(default, deserialize_with = "deserialize_some", skip_serializing_if = "Option::is_none")]
        name: Option<String> as (schema::RoomName, required = false),
        /// One line.
        #[serde(default, deserialize_with = "deserialize_some", skip_serializing_if = "Option::is_none")]
        topic: Option<String> as (schema::RoomTopic, required = false),
        /// May have several lines.
        #[serde(default, deserialize_with = "deserialize_some", skip_serializing_if = "Option::is_none")]
        description: Option<String> as (schema::RoomDescription, required = false),
        /// One emoji, or empty.
        #[serde(default, deserialize_with = "deserialize_some", skip_serializing_if = "Option::is_none")]
        emoji: Option<String> as (schema::Emoji, required = false),
        /// Who can find the room. Only owners of the room change it.
        #[serde(default, deserialize_with = "deserialize_some", skip_serializing_if = "Option::is_none")]
        visibility: Option<Visibility> as (Visibility, required = false),
        /// The settings to change.
        #[serde(default)]
        settings: UpdateRoomSettings,
    }
    /// Change settings of a room; omitted ones are unchanged.
    #[derive(Default)]
    UpdateRoomSettings {
        /// How many members the room can have; null for no limit.
        #[serde(default, deserialize_with = "deserialize_some", skip_serializing_if = "Option::is_none")]
        member_limit: Option<Option<i64>> as (Option<schema::MemberLimit>),
        /// How many seconds each member waits between two messages; 0 for none.
        #[serde(default, deserialize_with = "deserialize_some", skip_serializing_if = "Option::is_none")]
        slow_mode_seconds: Option<i64> as (schema::SlowModeSeconds, required = false),
        /// Whether members may attach files.
        #[serde(default, deserialize_with = "deserialize_some", skip_serializing_if = "Option::is_none")]
        uploads: Option<bool> as (bool, required = false),
        /// Whether newcomers see the messages from before they joined.
        #[serde(default, deserialize_with = "deserialize_some", skip_serializing_if = "Option::is_none")]
        history_visible: Option<bool> as (bool, required = false),
        /// After how many days messages are deleted; null for never.
        #[serde(default, deserialize_with = "deserialize_some", skip_serializing_if = "Option::is_none")]
        retention_days: Option<Option<i64>> as (Option<schema::RetentionDays>),
    }
    /// Change a member's role in a room.
    SetRoomRole {
        /// The new role.
        role: RoomRole,
    }
    /// Hand a room over to another member.
    TransferRoom {
        /// The member who becomes owner.
        user_id: UserId,
    }
    /// Ban a user from a room, or mute a member.
    #[derive(Default)]
    RestrictMember {
        /// Why; may have several lines. The user sees the reason of a mute, moderators see both.
        #[serde(default)]
        reason: Option<String> as (Option<schema::RestrictionReason>),
        /// When it ends, in the future; never by itself if omitted.
        #[serde(default)]
        until: Option<Time>,
    }
}

no_secrets_in_debug!(CreateRoom UpdateRoom UpdateRoomSettings SetRoomRole TransferRoom RestrictMember);

impl UpdateRoomSettings {
    /// The settings after this change.
    pub fn apply(&self, settings: RoomSettings) -> RoomSettings {
        RoomSettings {
            member_limit: self.member_limit.unwrap_or(settings.member_limit),
            slow_mode_seconds: self.slow_mode_seconds.unwrap_or(settings.slow_mode_seconds),
            uploads: self.uploads.unwrap_or(settings.uploads),
            history_visible: self.history_visible.unwrap_or(settings.history_visible),
            retention_days: self.retention_days.unwrap_or(settings.retention_days),
        }
    }
}

/// Which rooms to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RoomFilter {
    /// All rooms that the caller may see, except archived ones.
    #[default]
    Visible,
    /// Rooms that the caller is a member of.
    Mine,
    /// Public rooms that the caller is not a member of, except archived ones.
    Joinable,
    /// Archived rooms that the caller may see.
    Archived,
}
