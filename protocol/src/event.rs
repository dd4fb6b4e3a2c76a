//! What happened, told to everyone whom it concerns: the whole new state of one thing.

use crate::{
    cursor::Cursor,
    id::{RoomId, SessionId},
    message::Message,
    room::{Member, Room},
    time::Time,
};
use serde::{Deserialize, Serialize};

/// Someone's place in a room changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberChange {
    /// The person and their place.
    pub member: Member,
    /// The room after the change, for those who did not have it yet.
    pub room: Room,
}

/// How far someone has read a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadMark {
    /// The room.
    pub room_id: RoomId,
    /// The last message read.
    pub read_seq: i64,
}

/// A sign-in that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionEnded {
    /// Which.
    pub session_id: SessionId,
}

/// What happened to what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "data")]
pub enum Change {
    /// Someone said something.
    #[serde(rename = "message.created")]
    MessageCreated(Message),
    /// Someone changed what they said.
    #[serde(rename = "message.updated")]
    MessageUpdated(Message),
    /// Someone took back what they said.
    #[serde(rename = "message.deleted")]
    MessageDeleted(Message),
    /// A room was made; told to its maker.
    #[serde(rename = "room.created")]
    RoomCreated(Room),
    /// Someone came in.
    #[serde(rename = "member.joined")]
    MemberJoined(MemberChange),
    /// Someone went, or was shown out.
    #[serde(rename = "member.left")]
    MemberLeft(MemberChange),
    /// Someone's role in a room changed.
    #[serde(rename = "member.updated")]
    MemberUpdated(MemberChange),
    /// One has read further; told only to oneself.
    #[serde(rename = "read.updated")]
    ReadUpdated(ReadMark),
    /// A sign-in of one's own is over; told only to oneself.
    #[serde(rename = "session.ended")]
    SessionEnded(SessionEnded),
}

impl Change {
    /// The `type` of its frames.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::MessageCreated(_) => "message.created",
            Self::MessageUpdated(_) => "message.updated",
            Self::MessageDeleted(_) => "message.deleted",
            Self::RoomCreated(_) => "room.created",
            Self::MemberJoined(_) => "member.joined",
            Self::MemberLeft(_) => "member.left",
            Self::MemberUpdated(_) => "member.updated",
            Self::ReadUpdated(_) => "read.updated",
            Self::SessionEnded(_) => "session.ended",
        }
    }

    /// The room it happened in.
    pub const fn room_id(&self) -> Option<RoomId> {
        match self {
            Self::MessageCreated(message) | Self::MessageUpdated(message) | Self::MessageDeleted(message) => {
                Some(message.room_id)
            }
            Self::RoomCreated(room) => Some(room.id),
            Self::MemberJoined(change) | Self::MemberLeft(change) | Self::MemberUpdated(change) => Some(change.room.id),
            Self::ReadUpdated(mark) => Some(mark.room_id),
            Self::SessionEnded(_) => None,
        }
    }
}

/// One event of the stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// What happened.
    #[serde(flatten)]
    pub change: Change,
    /// Its place in the stream.
    pub cursor: Cursor,
    /// When.
    pub at: Time,
    /// Where, if it happened in a room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_id: Option<RoomId>,
}
