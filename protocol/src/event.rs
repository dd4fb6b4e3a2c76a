//! Events, published to the users they concern. Each carries the whole new state of one object.

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

/// A change of a room membership.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberChange {
    /// The user and their membership.
    pub member: Member,
    /// The room after the change, for clients that do not have it yet.
    pub room: Room,
}

/// A user's read marker in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadMarker {
    /// The room.
    pub room_id: RoomId,
    /// The `seq` of the last message read.
    pub read_seq: i64,
}

/// A block of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Block {
    /// The blocked user.
    pub user_id: UserId,
}

/// A change of a user's presence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresenceChange {
    /// The user.
    pub user_id: UserId,
    /// The new presence.
    pub presence: Presence,
}

/// A session that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionEnded {
    /// The session.
    pub session_id: SessionId,
}

/// The type of an event, with its data.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "data")]
pub enum Change {
    /// A message was sent.
    #[serde(rename = "message.created")]
    MessageCreated(Message),
    /// A message was edited.
    #[serde(rename = "message.updated")]
    MessageUpdated(Message),
    /// A message was deleted.
    #[serde(rename = "message.deleted")]
    MessageDeleted(Message),
    /// A room was created; sent only to its creator.
    #[serde(rename = "room.created")]
    RoomCreated(Room),
    /// A user joined a room.
    #[serde(rename = "member.joined")]
    MemberJoined(MemberChange),
    /// A user left a room or was removed.
    #[serde(rename = "member.left")]
    MemberLeft(MemberChange),
    /// A member's role in a room changed.
    #[serde(rename = "member.updated")]
    MemberUpdated(MemberChange),
    /// A read marker moved; sent only to its user.
    #[serde(rename = "read.updated")]
    ReadUpdated(ReadMarker),
    /// The visible data of a user changed; `settings`, `email` and `unread_notifications` are included only for the
    /// users themselves, when their own data changed.
    #[serde(rename = "user.updated")]
    UserUpdated(User),
    /// The user blocked another user; sent only to the user who did.
    #[serde(rename = "block.added")]
    BlockAdded(Block),
    /// The user unblocked another user; sent only to the user who did.
    #[serde(rename = "block.removed")]
    BlockRemoved(Block),
    /// A session ended; sent only to its user.
    #[serde(rename = "session.ended")]
    SessionEnded(SessionEnded),
    /// A notification was created; sent only to its recipient.
    #[serde(rename = "notification.created")]
    NotificationCreated(Notification),
    /// A user was invited to a room; sent only to that user.
    #[serde(rename = "invitation.created")]
    InvitationCreated(RoomInvitation),
    /// A room invitation was answered, revoked, or replaced after it expired; sent only to the invited user.
    #[serde(rename = "invitation.updated")]
    InvitationUpdated(RoomInvitation),
}

impl Change {
    /// The `type` of the event's frames.
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

    /// The room that the event belongs to.
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

/// An event of the stream.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// What changed.
    #[serde(flatten)]
    pub change: Change,
    /// The event's position in the stream.
    pub cursor: Cursor,
    /// When it happened.
    pub at: Time,
    /// The room, if it happened in one.
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
