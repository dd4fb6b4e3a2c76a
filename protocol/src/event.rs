//! Events, published to the users they concern. Each carries the whole new state of one object.

use crate::{
    cursor::Cursor,
    id::{RoomId, SessionId, UserId},
    message::{EventMessage, Message},
    notification::Notification,
    room::{DeletedRoom, Member, Room, RoomOrder, is_zero},
    room_invitation::RoomInvitation,
    time::Time,
    user::{Presence, User},
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::Value;

/// A change of a room membership.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MemberChange {
    /// The user and their membership.
    pub member: Member,
    /// The room after the change, for clients that do not have it yet.
    pub room: Room,
}

/// The messages of a room that were purged because they are older than its retention.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessagesPurged {
    /// The room.
    pub room_id: RoomId,
    /// All messages with a lower `seq` were purged.
    pub before_seq: i64,
}

/// A user's read marker in a room, and what is unread after it. It moves backwards when a message is marked unread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReadMarker {
    /// The room.
    pub room_id: RoomId,
    /// The `seq` of the last message read.
    pub read_seq: i64,
    /// How many messages are unread, up to 99; more is 100.
    pub unread: i64,
    /// The `seq` of messages after the read marker that do not count as unread: deleted ones, room activity, and those of
    /// blocked users. The newest 100, in ascending order.
    #[serde(default)]
    pub uncounted: Vec<i64>,
    /// How many more there are, older than those listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub uncounted_more: i64,
}

/// A block of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Block {
    /// The blocked user.
    pub user_id: UserId,
}

/// A change of a user's presence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresenceChange {
    /// The user.
    pub user_id: UserId,
    /// The new presence.
    pub presence: Presence,
}

/// A session that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionEnded {
    /// The session.
    pub session_id: SessionId,
}

/// What an event's subject id names, and so where its data is read when the event is replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A message.
    Message,
    /// The purged messages of the room with this id.
    PurgedMessages,
    /// A room.
    Room,
    /// A deleted room.
    DeletedRoom,
    /// The member of the event's room with this user id.
    Member,
    /// The read marker of the event's user in the room with this id.
    ReadMarker,
    /// A user.
    User,
    /// A blocked user.
    Block,
    /// A session.
    Session,
    /// A notification.
    Notification,
    /// A room invitation.
    Invitation,
    /// The order of the rooms of the user with this id.
    RoomOrder,
}

/// The data of an event.
pub trait EventData: DeserializeOwned + Serialize {
    /// What the event's subject id names.
    const SUBJECT: Subject;

    /// Serialises it as an event carries it.
    fn serialize_event<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize(serializer)
    }

    /// The room that the event belongs to.
    fn room_id(&self) -> Option<RoomId> {
        None
    }
}

/// Provides the current data of an event that is replayed.
pub trait LoadEventData<T> {
    /// The data, unless it does not exist any more.
    fn load(&self) -> Option<T>;
}

/// The table of events: for each type of data, the events that carry it and their names on the wire.
macro_rules! events {
    ($($data:ident { $($(#[$doc:meta])* $variant:ident = $name:tt,)+ })+) => {
        /// The type of an event, with its data.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(tag = "type", content = "data")]
        pub enum Change {
            $($($(#[$doc])* #[serde(rename = $name)] $variant(
                #[serde(serialize_with = "EventData::serialize_event")]
                $data
            ),)+)+
        }

        /// The type of an event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EventKind {
            $($($(#[$doc])* $variant,)+)+
        }

        impl EventKind {
            /// The `type` of the event's frames.
            pub const fn name(self) -> &'static str {
                match self { $($(Self::$variant => $name,)+)+ }
            }

            /// The kind with this name.
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $($($name => Some(Self::$variant),)+)+
                    _ => None,
                }
            }

            /// What the event's subject id names.
            pub const fn subject(self) -> Subject {
                match self { $($(Self::$variant => <$data as EventData>::SUBJECT,)+)+ }
            }

            /// The change of this kind with its current data, unless that does not exist any more.
            pub fn load<L: $(LoadEventData<$data> +)+>(self, loader: &L) -> Option<Change> {
                match self { $($(Self::$variant => loader.load().map(Change::$variant),)+)+ }
            }

            fn decode(self, data: Value) -> serde_json::Result<Change> {
                match self { $($(Self::$variant => serde_json::from_value(data).map(Change::$variant),)+)+ }
            }
        }

        impl Change {
            /// The type of the event.
            pub const fn kind(&self) -> EventKind {
                match self { $($(Self::$variant(_) => EventKind::$variant,)+)+ }
            }

            /// The room that the event belongs to.
            pub fn room_id(&self) -> Option<RoomId> {
                match self { $($(Self::$variant(data) => data.room_id(),)+)+ }
            }
        }
    };
}

events! {
    Message {
        /// A message was sent.
        MessageCreated = "message.created",
        /// A message was edited.
        MessageUpdated = "message.updated",
        /// A message was deleted.
        MessageDeleted = "message.deleted",
    }
    MessagesPurged {
        /// Messages of a room were purged and count as read. A replay has this event in the place of
        /// the first event about one of them, and leaves out the others.
        MessagesPurged = "messages.purged",
    }
    Room {
        /// A room was created; sent only to its creator.
        RoomCreated = "room.created",
        /// A room changed. For its members it has no `membership`; with one it is sent only to the member who changed how
        /// they see the room, or whose own membership changed otherwise.
        RoomUpdated = "room.updated",
    }
    DeletedRoom {
        /// A room was deleted; nothing of it can be read any more.
        RoomDeleted = "room.deleted",
    }
    RoomOrder {
        /// The user changed the order of their rooms; sent only to that user.
        RoomsOrdered = "rooms.ordered",
    }
    MemberChange {
        /// A user joined a room.
        MemberJoined = "member.joined",
        /// A user left a room or was removed.
        MemberLeft = "member.left",
        /// A member's role in a room changed.
        MemberUpdated = "member.updated",
    }
    ReadMarker {
        /// A read marker moved, or the user blocked or unblocked the author of unread messages; sent only to its user.
        ReadUpdated = "read.updated",
    }
    User {
        /// The visible data of a user changed; `settings`, `email` and `unread_notifications` are included only for the
        /// users themselves, when their own data changed.
        UserUpdated = "user.updated",
    }
    Block {
        /// The user blocked another user; sent only to the user who did.
        BlockAdded = "block.added",
        /// The user unblocked another user; sent only to the user who did.
        BlockRemoved = "block.removed",
    }
    SessionEnded {
        /// A session ended; sent only to its user.
        SessionEnded = "session.ended",
    }
    Notification {
        /// A notification was created; sent only to its recipient.
        NotificationCreated = "notification.created",
    }
    RoomInvitation {
        /// A user was invited to a room; sent only to that user.
        InvitationCreated = "invitation.created",
        /// A room invitation was answered, revoked, or replaced after it expired; sent only to the invited user.
        InvitationUpdated = "invitation.updated",
    }
}

impl EventData for Message {
    const SUBJECT: Subject = Subject::Message;

    fn serialize_event<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        EventMessage::serialize(self, serializer)
    }

    fn room_id(&self) -> Option<RoomId> {
        Some(self.room_id)
    }
}

impl EventData for MessagesPurged {
    const SUBJECT: Subject = Subject::PurgedMessages;

    fn room_id(&self) -> Option<RoomId> {
        Some(self.room_id)
    }
}

impl EventData for Room {
    const SUBJECT: Subject = Subject::Room;

    fn room_id(&self) -> Option<RoomId> {
        Some(self.id)
    }
}

impl EventData for DeletedRoom {
    const SUBJECT: Subject = Subject::DeletedRoom;

    fn room_id(&self) -> Option<RoomId> {
        Some(self.room_id)
    }
}

impl EventData for RoomOrder {
    const SUBJECT: Subject = Subject::RoomOrder;
}

impl EventData for MemberChange {
    const SUBJECT: Subject = Subject::Member;

    fn room_id(&self) -> Option<RoomId> {
        Some(self.room.id)
    }
}

impl EventData for ReadMarker {
    const SUBJECT: Subject = Subject::ReadMarker;

    fn room_id(&self) -> Option<RoomId> {
        Some(self.room_id)
    }
}

impl EventData for User {
    const SUBJECT: Subject = Subject::User;
}

impl EventData for Block {
    const SUBJECT: Subject = Subject::Block;
}

impl EventData for SessionEnded {
    const SUBJECT: Subject = Subject::Session;
}

impl EventData for Notification {
    const SUBJECT: Subject = Subject::Notification;
}

impl EventData for RoomInvitation {
    const SUBJECT: Subject = Subject::Invitation;

    fn room_id(&self) -> Option<RoomId> {
        Some(self.room_id)
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

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The decoder that serde would derive for the flattened change buffers each value twice.
        #[derive(Deserialize)]
        struct Fields {
            #[serde(rename = "type")]
            kind: String,
            data: Value,
            cursor: Cursor,
            at: Time,
            room_id: Option<RoomId>,
        }
        let Fields { kind, data, cursor, at, room_id } = Fields::deserialize(deserializer)?;
        let kind = EventKind::parse(&kind).ok_or_else(|| D::Error::custom("an event of an unknown kind"))?;
        Ok(Self { change: kind.decode(data).map_err(D::Error::custom)?, cursor, at, room_id })
    }
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
        let user_view = json!({"id": id, "username": "ada", "display_name": "Ada", "avatar_url": null, "role": "member",
            "status": {"emoji": "🔥", "text": "by the fire", "expires_at": null}, "presence": "online", "created_at": at});
        let room = json!({"id": id, "name": "hearth", "kind": "channel", "visibility": "public", "topic": "",
            "description": "", "emoji": "", "settings": crate::room::RoomSettings::default(), "permissions":
            crate::permissions::RoomPermissions::defaults(crate::room::RoomKind::Channel, crate::room::Visibility::Public),
            "head": 1, "member_count": 1, "archived": false, "created_at": at});
        let member = json!({"room_id": id, "user": user, "role": "owner", "joined_at": at, "joined_seq": 0});
        let message = json!({"id": id, "room_id": id, "seq": 1, "author": user, "body": "hi", "html": "<p>hi</p>",
            "client_id": "c", "parent_id": null, "sent_at": at, "edited_at": null, "deleted": false, "version": 1,
            "reactions": [], "attachments": [], "mentions": [], "thread": {"replies": 0, "last_at": null}});
        let filled = json!({"id": id, "room_id": id, "seq": 2, "kind": "added", "author": user, "subject": user, "body": "hi", "html": "<p>hi</p>",
            "client_id": "c", "parent_id": id, "sent_at": at, "edited_at": at, "deleted": true, "version": 2,
            "reactions": [{"emoji": "🔥", "count": 1, "me": false}], "attachments": ["a"], "mentions": [id],
            "thread": {"replies": 1, "last_at": at}});
        let change = json!({"member": member, "room": room});
        let notification = json!({"id": id, "kind": "reactivated", "data": {}, "text": "Back.", "link": null,
            "created_at": at, "read_at": null});
        let invitation = json!({"id": id, "room_id": id, "room_name": "hearth", "visibility": "private", "user": user,
            "invited_by": user, "status": "pending", "created_at": at, "expires_at": at});
        for (kind, data) in [
            ("message.created", &message),
            ("message.updated", &filled),
            ("message.deleted", &message),
            ("messages.purged", &json!({"room_id": id, "before_seq": 2})),
            ("room.created", &room),
            ("room.updated", &room),
            ("room.deleted", &json!({"room_id": id})),
            ("rooms.ordered", &json!({"rooms": [{"room_id": id, "position": 3}]})),
            ("member.joined", &change),
            ("member.left", &change),
            ("member.updated", &change),
            ("read.updated", &json!({"room_id": id, "read_seq": 1, "unread": 2, "uncounted": [3]})),
            ("user.updated", &user_view),
            ("block.added", &json!({"user_id": id})),
            ("block.removed", &json!({"user_id": id})),
            ("session.ended", &json!({"session_id": id})),
            ("notification.created", &notification),
            ("invitation.created", &invitation),
            ("invitation.updated", &invitation),
        ] {
            let frame = json!({"type": kind, "data": data, "cursor": "0000002a.7", "at": at});
            let event: Event = serde_json::from_value(frame).unwrap();
            assert_eq!(event.change.kind().name(), kind);
            let again: Event = serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
            assert_eq!(again, event);
            if data == &filled {
                let Change::MessageUpdated(message) = &event.change else { panic!("an update") };
                // Every field of a message is there, also one that is new.
                assert_eq!(serde_json::to_value(message).unwrap(), filled);
                assert_eq!(serde_json::to_value(&event).unwrap()["data"], filled);
            }
        }
    }
}
