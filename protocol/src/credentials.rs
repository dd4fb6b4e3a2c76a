//! Registration, account invitations, email addresses and password-reset links.

use crate::{
    id::AccountInvitationId,
    time::Time,
    user::{Author, Role},
};
use serde::{Deserialize, Serialize};

/// Who can register. The first account can always be created.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Anyone who can reach the server.
    #[default]
    Open,
    /// Only users with an invitation.
    Invitation,
    /// Nobody.
    Closed,
}

impl Registration {
    /// The word as it is sent and stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invitation => "invitation",
            Self::Closed => "closed",
        }
    }
}

/// The settings that administrators can change at run time. Forms, API and storage are all derived from this struct.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Who can register.
    pub registration: Registration,
}

/// The caller's email address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmailAddress {
    /// The address; null if there is none.
    pub email: Option<String>,
    /// Whether the user followed the link that was sent to it.
    pub verified: bool,
    /// A new address that takes effect once the link sent to it is followed; null if there is none.
    pub pending: Option<String>,
}

/// A one-time link to reset a password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResetLink {
    /// The link; give it to this user and to nobody else.
    pub url: String,
    /// When the link expires.
    pub expires_at: Time,
}

/// How hard a password is to guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordRating {
    /// From 0 to 4; passwords below 3 are refused.
    pub score: u8,
    /// What to know or to do about it.
    pub advice: String,
}

/// An invitation to register.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountInvitation {
    /// The invitation's id.
    pub id: AccountInvitationId,
    /// The role of accounts created with it: `member` or `guest`.
    pub role: Role,
    /// How many accounts were created with it.
    pub uses: u32,
    /// How many accounts can be created with it.
    pub max_uses: u32,
    /// The user who created it.
    pub created_by: Author,
    /// When it was created.
    pub created_at: Time,
    /// When it expires.
    pub expires_at: Time,
    /// The link to hand out. Present only in the response that creates it: the server cannot show it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What an invitation link shows to the invited person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationPreview {
    /// The display name of the user who created the invitation.
    pub invited_by: String,
    /// The role of the account to be created.
    pub role: Role,
}

macro_rules! no_secrets_in_debug {
    ($($name:ident)+) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).field("expires_at", &self.expires_at).finish_non_exhaustive()
            }
        }
    )+};
}

no_secrets_in_debug!(ResetLink AccountInvitation);
