//! Invitations into rooms. Those to make an account are in [`crate::credentials`].

use crate::{
    column::text_column,
    id::{RoomId, RoomInvitationId},
    room::Visibility,
    time::Time,
    user::Author,
};
use serde::{Deserialize, Serialize};

/// What became of an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum InvitationStatus {
    /// It can be accepted or declined.
    Pending,
    /// The person is in the room, or was.
    Accepted,
    /// The person would rather not.
    Declined,
    /// It was withdrawn.
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

/// An invitation into a room. Of the room it tells no more than who is invited needs to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoomInvitation {
    /// The invitation.
    pub id: RoomInvitationId,
    /// The room.
    pub room_id: RoomId,
    /// What the room was called when the invitation was made.
    pub room_name: String,
    /// Who can find the room.
    pub visibility: Visibility,
    /// Who is invited.
    pub user: Author,
    /// Who invites them.
    pub invited_by: Author,
    /// What became of it.
    pub status: InvitationStatus,
    /// When it was made.
    pub created_at: Time,
    /// When it is no longer good.
    pub expires_at: Time,
}

crate::from_json! {
    RoomInvitation { id, room_id, room_name, visibility, user, invited_by, status, created_at, expires_at }
}
