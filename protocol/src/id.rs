//! Ids: `UUIDv7`, one type per kind of object, so that a room id cannot be passed for a message id.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "storage", derive(sqlx::Type), sqlx(transparent))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = Uuid))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// The id of a user.
    UserId
    /// The id of a room.
    RoomId
    /// The id of a message.
    MessageId
    /// The id of a session or of a personal access token.
    SessionId
    /// The id of a notification.
    NotificationId
    /// The id of an account invitation.
    AccountInvitationId
    /// The id of a room invitation.
    RoomInvitationId
}

/// The id that a client gives to what it creates, so that a repeat is recognised: visible ASCII characters, unique per
/// author. Checked by [`crate::limits::client_id`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "storage", derive(sqlx::Type), sqlx(transparent))]
#[serde(transparent)]
pub struct ClientId(pub String);

impl std::fmt::Display for ClientId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
