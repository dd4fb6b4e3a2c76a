//! Accounts, as administrators and moderators see them.

use crate::{
    column::text_column,
    id::UserId,
    time::Time,
    user::{Author, Role},
};
use serde::{Deserialize, Serialize};

/// Whether a user can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// The user can sign in.
    Active,
    /// The user cannot sign in; the name remains on their messages.
    Deactivated,
}

text_column!(AccountStatus { Active = "active", Deactivated = "deactivated" });

/// An account, as administrators and moderators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
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
    /// Whether the user can sign in.
    pub status: AccountStatus,
    /// The email address; null if the user gave none.
    pub email: Option<String>,
    /// Whether signing in requires a second factor.
    pub second_factor: bool,
    /// When the account was created.
    pub created_at: Time,
    /// When a session of the user was last used; null if that is too long ago to be known.
    pub last_seen_at: Option<Time>,
}

impl Account {
    /// The user as the author of a message.
    pub fn author(&self) -> Author {
        Author {
            id: self.id,
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            avatar_url: self.avatar_url.clone(),
        }
    }
}

/// Which accounts to list; all of them by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// Accounts with this role.
    pub role: Option<Role>,
    /// Accounts with this status.
    pub status: Option<AccountStatus>,
    /// Accounts whose username or email address, or a word of whose display name, begins with this.
    pub query: String,
}
