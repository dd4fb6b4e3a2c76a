//! What happened, told to everyone whom it concerns: the whole new state of one thing.

use crate::{
    cursor::Cursor,
    id::{RoomId, SessionId, UserId},
    message::Message,
    notification::Notification,
    read::{self, DecodeError, FromJson, field},
    room::{Member, Room},
    room_invitation::RoomInvitation,
    time::Time,
    user::{Presence, User},
};
use serde::Serialize;
use serde_json::Value;

/// Someone's place in a room changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberChange {
    /// The person and their place.
    pub member: Member,
    /// The room after the change, for those who did not have it yet.
    pub room: Room,
}

/// How far someone has read a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadMarker {
    /// The room.
    pub room_id: RoomId,
    /// The last message read.
    pub read_seq: i64,
}

/// Someone whom one keeps away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Block {
    /// Who is kept away.
    pub user_id: UserId,
}

/// Someone came or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresenceChange {
    /// Who.
    pub user_id: UserId,
    /// Whether they are here now.
    pub presence: Presence,
}

/// A sign-in that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionEnded {
    /// Which.
    pub session_id: SessionId,
}

/// What happened to what.
#[derive(Clone, Debug, PartialEq, Serialize)]
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
    ReadUpdated(ReadMarker),
    /// What is seen of a person changed; `settings`, `email` and `unread_notifications` are told only to oneself, when
    /// one of one's own things changed.
    #[serde(rename = "user.updated")]
    UserUpdated(User),
    /// One keeps someone away; told only to oneself.
    #[serde(rename = "block.added")]
    BlockAdded(Block),
    /// One lets someone near again; told only to oneself.
    #[serde(rename = "block.removed")]
    BlockRemoved(Block),
    /// A sign-in of one's own is over; told only to oneself.
    #[serde(rename = "session.ended")]
    SessionEnded(SessionEnded),
    /// The service tells one something; told only to oneself.
    #[serde(rename = "notification.created")]
    NotificationCreated(Notification),
    /// One is invited into a room; told only to oneself.
    #[serde(rename = "invitation.created")]
    InvitationCreated(RoomInvitation),
    /// Such an invitation was answered or withdrawn, or another took its place after it expired; told only to oneself.
    #[serde(rename = "invitation.updated")]
    InvitationUpdated(RoomInvitation),
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
            Self::UserUpdated(_) => "user.updated",
            Self::BlockAdded(_) => "block.added",
            Self::BlockRemoved(_) => "block.removed",
            Self::SessionEnded(_) => "session.ended",
            Self::NotificationCreated(_) => "notification.created",
            Self::InvitationCreated(_) => "invitation.created",
            Self::InvitationUpdated(_) => "invitation.updated",
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
            Self::InvitationCreated(invitation) | Self::InvitationUpdated(invitation) => Some(invitation.room_id),
            Self::UserUpdated(_)
            | Self::BlockAdded(_)
            | Self::BlockRemoved(_)
            | Self::SessionEnded(_)
            | Self::NotificationCreated(_) => None,
        }
    }
}

/// One event of the stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
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

impl FromJson for Event {
    fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut fields = read::fields(value)?;
        let kind: String = field(&mut fields, "type")?;
        let data = fields.remove("data").unwrap_or_default();
        Ok(Self {
            change: Change::from_parts(&kind, data)?,
            cursor: field(&mut fields, "cursor")?,
            at: field(&mut fields, "at")?,
            room_id: field(&mut fields, "room_id")?,
        })
    }
}

crate::deserialize_from_json!(Event);

impl Change {
    fn from_parts(kind: &str, data: Value) -> Result<Self, DecodeError> {
        Ok(match kind {
            "message.created" => Self::MessageCreated(FromJson::from_json(data)?),
            "message.updated" => Self::MessageUpdated(FromJson::from_json(data)?),
            "message.deleted" => Self::MessageDeleted(FromJson::from_json(data)?),
            "room.created" => Self::RoomCreated(FromJson::from_json(data)?),
            "member.joined" => Self::MemberJoined(FromJson::from_json(data)?),
            "member.left" => Self::MemberLeft(FromJson::from_json(data)?),
            "member.updated" => Self::MemberUpdated(FromJson::from_json(data)?),
            "read.updated" => Self::ReadUpdated(FromJson::from_json(data)?),
            "user.updated" => Self::UserUpdated(FromJson::from_json(data)?),
            "block.added" => Self::BlockAdded(FromJson::from_json(data)?),
            "block.removed" => Self::BlockRemoved(FromJson::from_json(data)?),
            "session.ended" => Self::SessionEnded(FromJson::from_json(data)?),
            "notification.created" => Self::NotificationCreated(FromJson::from_json(data)?),
            "invitation.created" => Self::InvitationCreated(FromJson::from_json(data)?),
            "invitation.updated" => Self::InvitationUpdated(FromJson::from_json(data)?),
            _ => return Err(DecodeError("an event of this kind")),
        })
    }
}

crate::from_json! {
    Block { user_id }
    MemberChange { member, room }
    ReadMarker { room_id, read_seq }
    SessionEnded { session_id }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_event_kind_round_trips() {
        let id = "01890000-0000-7000-8000-000000000000";
        let at = "2026-11-19T09:02:03.004Z";
        let user = json!({"id": id, "username": "ada", "display_name": "Ada", "avatar_url": null});
        let person = json!({"id": id, "username": "ada", "display_name": "Ada", "avatar_url": null, "role": "member",
            "status": {"emoji": "🔥", "text": "by the fire", "expires_at": null}, "presence": "online", "created_at": at});
        let room = json!({"id": id, "name": "hearth", "kind": "channel", "visibility": "public", "topic": "",
            "description": "", "head": 1, "member_count": 1, "archived": false, "created_at": at});
        let member = json!({"room_id": id, "user": user, "role": "owner", "joined_at": at, "joined_seq": 0});
        let message = json!({"id": id, "room_id": id, "seq": 1, "author": user, "body": "hi", "html": "<p>hi</p>",
            "client_id": "c", "parent_id": null, "sent_at": at, "edited_at": null, "deleted": false, "version": 1,
            "reactions": [], "attachments": [], "mentions": [], "thread": {"replies": 0, "last_at": null}});
        let change = json!({"member": member, "room": room});
        let notification = json!({"id": id, "kind": "reactivated", "data": {}, "text": "Back.", "link": null,
            "created_at": at, "read_at": null});
        let invitation = json!({"id": id, "room_id": id, "room_name": "hearth", "visibility": "private", "user": user,
            "invited_by": user, "status": "pending", "created_at": at, "expires_at": at});
        for (kind, data) in [
            ("message.created", &message),
            ("message.updated", &message),
            ("message.deleted", &message),
            ("room.created", &room),
            ("member.joined", &change),
            ("member.left", &change),
            ("member.updated", &change),
            ("read.updated", &json!({"room_id": id, "read_seq": 1})),
            ("user.updated", &person),
            ("block.added", &json!({"user_id": id})),
            ("block.removed", &json!({"user_id": id})),
            ("session.ended", &json!({"session_id": id})),
            ("notification.created", &notification),
            ("invitation.created", &invitation),
            ("invitation.updated", &invitation),
        ] {
            let frame = json!({"type": kind, "data": data, "cursor": "0000002a.7", "at": at});
            let event: Event = serde_json::from_value(frame).unwrap();
            assert_eq!(event.change.kind(), kind);
            let again: Event = serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
            assert_eq!(again, event);
        }
    }
}
