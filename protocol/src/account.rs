//! Accounts, as those who keep the service see them.

use crate::{
    column::text_column,
    id::UserId,
    time::Time,
    user::{Author, Role},
};
use serde::{Deserialize, Serialize};

/// Whether one can sign in with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    /// One can.
    Active,
    /// One cannot; the name stays on what was said.
    Deactivated,
}

text_column!(AccountStatus { Active = "active", Deactivated = "deactivated" });

/// An account, as those who keep the service see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Account {
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
    /// Whether they can sign in.
    pub status: AccountStatus,
    /// Where they get mail; null when they gave no address.
    pub email: Option<String>,
    /// Whether signing in needs a second factor.
    pub second_factor: bool,
    /// When the account was made.
    pub created_at: Time,
    /// When one of their sessions was last used; null when that is too long ago to be known.
    pub last_seen_at: Option<Time>,
}

impl Account {
    /// The person, as they appear beside what they wrote.
    pub fn author(&self) -> Author {
        Author {
            id: self.id,
            username: self.username.clone(),
            display_name: self.display_name.clone(),
            avatar_url: self.avatar_url.clone(),
        }
    }
}

/// Which accounts to list; all of them when nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// Those with this role.
    pub role: Option<Role>,
    /// Those that are, or are not, deactivated.
    pub status: Option<AccountStatus>,
    /// Those whose username or address begins like this, or a word of whose name does.
    pub query: String,
}
