//! How people come in, and how they show who they are.

use crate::{
    id::AccountInvitationId,
    time::Time,
    user::{Author, Role},
};
use serde::{Deserialize, Serialize};

/// Who can make an account. The first account can always be made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Anyone who reaches the server.
    #[default]
    Open,
    /// Those who hold an invitation.
    Invitation,
    /// Nobody.
    Closed,
}

/// What administrators change while the service runs: this is all there is, and where forms, API and storage have it from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Who can make an account.
    pub registration: Registration,
}

/// The caller's e-mail address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmailAddress {
    /// The address; null when there is none.
    pub email: Option<String>,
    /// Whether its owner followed the link that was sent there.
    pub verified: bool,
    /// An address that waits for the link that was sent there to be followed.
    pub pending: Option<String>,
}

/// A link that sets a password anew, once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ResetLink {
    /// To hand over to the person, and to nobody else.
    pub url: String,
    /// When it is no longer good.
    pub expires_at: Time,
}

/// An invitation to make an account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountInvitation {
    /// The invitation.
    pub id: AccountInvitationId,
    /// What those who follow it become: `member` or `guest`.
    pub role: Role,
    /// How many accounts were made with it.
    pub uses: u32,
    /// How many can be.
    pub max_uses: u32,
    /// Who made it.
    pub created_by: Author,
    /// When.
    pub created_at: Time,
    /// When it is no longer good.
    pub expires_at: Time,
    /// The link to hand out. Only in the answer to making it: afterwards nobody knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What someone who follows an invitation is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitationPreview {
    /// The display name of who invites them.
    pub invited_by: String,
    /// What they become.
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
