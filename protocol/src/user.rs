//! Users.

use crate::{column::text_column, id::UserId, settings::Settings, time::Time};
use serde::{Deserialize, Serialize};

/// A user's role in the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Administers the service.
    Admin,
    /// Moderates public rooms, and the accounts of members and guests.
    Moderator,
    /// Everyone else.
    Member,
    /// Sees only the rooms they were added or invited to.
    Guest,
}

text_column!(Presence { Online = "online", Offline = "offline" });
text_column!(Role { Admin = "admin", Moderator = "moderator", Member = "member", Guest = "guest" });

/// Whether a user is online.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// At least one of their clients is connected.
    Online,
    /// None of their clients is connected.
    Offline,
}

/// A user's status. One that has expired is not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Status {
    /// One emoji; null if there is none.
    pub emoji: Option<String>,
    /// A short text; null if there is none.
    pub text: Option<String>,
    /// When it expires; null if it stays until it is changed.
    pub expires_at: Option<Time>,
}

/// A user as the author of a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Author {
    /// The user's id.
    pub id: UserId,
    /// Unique, case-insensitive.
    pub username: String,
    /// The name that others see.
    pub display_name: String,
    /// The avatar's URL; null if the user has none, and initials are shown.
    pub avatar_url: Option<String>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// Unique, case-insensitive.
    pub username: String,
    /// The name that others see.
    pub display_name: String,
    /// The avatar's URL; null if the user has none, and initials are shown.
    pub avatar_url: Option<String>,
    /// The user's role in the service.
    pub role: Role,
    /// The status; null if there is none.
    pub status: Option<Status>,
    /// Whether the user is online.
    pub presence: Presence,
    /// When the account was created.
    pub created_at: Time,
    /// Whether the account is deactivated: the name remains, but nobody can sign in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deactivated: bool,
    /// The email address. Shown only to the user themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The settings. Shown only to the user themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
    /// How many notifications are unread, counted up to 100. Shown only to the user themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread_notifications: Option<i64>,
}

impl User {
    /// The short form shown beside messages.
    pub fn author(&self) -> Author {
        Author {
            id: self.id,
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            avatar_url: self.avatar_url.clone(),
        }
    }

    /// Hides the status and the presence, for readers who may know only that the user exists.
    pub fn hide_status(&mut self) {
        (self.status, self.presence) = (None, Presence::Offline);
    }
}

/// The URL of an avatar, by the hash of what was uploaded: a square of so many pixels. It never changes, so browsers
/// cache it for good.
pub fn avatar_url(hash: &str, size: u32) -> String {
    format!("/api/v1/avatars/{hash}/{size}")
}

/// The avatar size that is shown beside a name, in pixels: enough for the sharpest screens.
pub const AVATAR_DISPLAY_SIZE: u32 = 128;
