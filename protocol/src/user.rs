//! People.

use crate::{column::text_column, id::UserId, time::Time};
use serde::{Deserialize, Serialize};

/// What a person may do across the whole service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Runs the service.
    Admin,
    /// Keeps the peace.
    Moderator,
    /// Everyone else.
    Member,
    /// Sees only the rooms they were invited to.
    Guest,
}

text_column!(Role { Admin = "admin", Moderator = "moderator", Member = "member", Guest = "guest" });

/// Whether a person is here now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// At least one of their clients is connected.
    Online,
    /// None is.
    Offline,
}

/// A person as they appear beside what they wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Author {
    /// The account.
    pub id: UserId,
    /// Unique, without regard to case.
    pub username: String,
    /// What others see.
    pub display_name: String,
    /// A picture; null means initials are drawn.
    pub avatar_url: Option<String>,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// The account.
    pub id: UserId,
    /// Unique, without regard to case.
    pub username: String,
    /// What others see.
    pub display_name: String,
    /// A picture; null means initials are drawn.
    pub avatar_url: Option<String>,
    /// What they may do.
    pub role: Role,
    /// What they say they are doing; null when they say nothing.
    pub status: Option<String>,
    /// Whether they are here now.
    pub presence: Presence,
    /// When the account was made.
    pub created_at: Time,
    /// Shown only to oneself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
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
}
