//! Messages.

use crate::{
    column::text_column,
    id::{ClientId, MessageId, RoomId, UserId},
    time::Time,
    user::Author,
};
use serde::{Deserialize, Serialize};

/// The reactions to a message with one emoji.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// How many users reacted with it.
    pub count: i64,
    /// Whether the caller is one of them.
    pub me: bool,
}

/// The replies to a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Thread {
    /// How many replies there are.
    pub replies: i64,
    /// When the last reply was sent.
    pub last_at: Option<Time>,
}

impl Thread {
    /// Whether there are no replies.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The kind of a message: a text, or a line that says what happened in the room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// What a user wrote.
    #[default]
    Text,
    /// The author joined.
    Joined,
    /// The author left.
    Left,
    /// The author added the subject.
    Added,
    /// The author removed the subject.
    Removed,
    /// The author renamed the room; the body is the new name.
    Renamed,
    /// The author changed the topic; the body is the new topic.
    Topic,
    /// The author pinned a message.
    Pinned,
    /// The author made the subject the room's owner.
    Transferred,
    /// The author archived the room.
    Archived,
    /// The author restored the room.
    Restored,
}

text_column!(MessageKind {
    Text = "text", Joined = "joined", Left = "left", Added = "added", Removed = "removed", Renamed = "renamed",
    Topic = "topic", Pinned = "pinned", Transferred = "transferred", Archived = "archived", Restored = "restored",
});

impl MessageKind {
    /// Whether it is what a user wrote.
    pub fn is_text(&self) -> bool {
        *self == Self::Text
    }
}

/// A message. In events, fields that need not be there and are null, false or empty are absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// The message's id.
    pub id: MessageId,
    /// The room.
    pub room_id: RoomId,
    /// The message's number in the room: 1, 2, 3 ...
    pub seq: i64,
    /// What a user wrote, or room activity: that is never unread, and can be neither edited nor deleted.
    #[serde(default)]
    pub kind: MessageKind,
    /// The author; of room activity, who did it.
    pub author: Author,
    /// Of room activity, the user that it was done to.
    #[serde(default)]
    pub subject: Option<Author>,
    /// Markdown as written; empty if deleted.
    pub body: String,
    /// Rendered and sanitised HTML; empty if deleted.
    pub html: String,
    /// The id that the author's client gave it.
    pub client_id: ClientId,
    /// The message it replies to.
    #[serde(default)]
    pub parent_id: Option<MessageId>,
    /// When it was sent.
    pub sent_at: Time,
    /// When it was last edited.
    #[serde(default)]
    pub edited_at: Option<Time>,
    /// Whether it was deleted: the message keeps its `seq`, but its text is removed.
    #[serde(default)]
    pub deleted: bool,
    /// 1 when sent, and one more with every change: `id` and `version` together identify a text.
    pub version: i64,
    /// Reactions to it.
    #[serde(default)]
    pub reactions: Vec<Reaction>,
    /// Attached files.
    #[serde(default)]
    pub attachments: Vec<String>,
    /// Users mentioned in it.
    #[serde(default)]
    pub mentions: Vec<UserId>,
    /// The replies to it.
    #[serde(default)]
    pub thread: Thread,
}

/// Where a message that was sent is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SentMessage {
    /// The message's id.
    pub message_id: MessageId,
    /// The room.
    pub room_id: RoomId,
    /// The message it replies to; absent if it is no reply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<MessageId>,
    /// The message's number in the room.
    pub seq: i64,
    /// When it was sent.
    pub sent_at: Time,
}

impl From<&Message> for SentMessage {
    fn from(message: &Message) -> Self {
        let Message { id, room_id, parent_id, seq, sent_at, .. } = *message;
        Self { message_id: id, room_id, parent_id, seq, sent_at }
    }
}

/// The form of a message in an event: what is null, false or empty is absent.
#[derive(Serialize)]
#[serde(remote = "Message")]
pub(crate) struct EventMessage {
    id: MessageId,
    room_id: RoomId,
    seq: i64,
    #[serde(skip_serializing_if = "MessageKind::is_text")]
    kind: MessageKind,
    author: Author,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Author>,
    body: String,
    html: String,
    client_id: ClientId,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<MessageId>,
    sent_at: Time,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_at: Option<Time>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    deleted: bool,
    version: i64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reactions: Vec<Reaction>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mentions: Vec<UserId>,
    #[serde(skip_serializing_if = "Thread::is_empty")]
    thread: Thread,
}

/// A page of a room's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct History {
    /// In ascending `seq`.
    pub items: Vec<Message>,
    /// The `cursor` for more messages in the same direction; null if there are none.
    pub next_cursor: Option<String>,
    /// Whether there are older messages.
    pub older: bool,
    /// Whether there are newer messages.
    pub newer: bool,
}
