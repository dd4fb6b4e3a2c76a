//! Invitations to rooms. Account invitations are in [`crate::credentials`].

use crate::{
    column::text_column,
    id::{RoomId, RoomInvitationId},
    room::Visibility,
    time::Time,
    user::Author,
};
use serde::{Deserialize, Serialize};

/// The status of a room invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    /// It can be accepted or declined.
    Pending,
    /// The user joined the room.
    Accepted,
    /// The user declined.
    Declined,
    /// It was revoked.
    Revoked,
    /// It was not answered in time.
    Expired,
}

text_column!(InvitationStatus {
    Pending = "pending",
    Accepted = "accepted",
    Declined = "declined",
    Revoked = "revoked",
    Expired = "expired"
});

/// An invitation to a room. Of the room it contains only what the invited user needs to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomInvitation {
    /// The invitation's id.
    pub id: RoomInvitationId,
    /// The room.
    pub room_id: RoomId,
    /// The name of the room when the invitation was created.
    pub room_name: String,
    /// Who can find the room.
    pub visibility: Visibility,
    /// The invited user.
    pub user: Author,
    /// The user who created the invitation.
    pub invited_by: Author,
    /// The status of the invitation.
    pub status: InvitationStatus,
    /// When it was created.
    pub created_at: Time,
    /// When it expires.
    pub expires_at: Time,
}
