//! Messages.

use crate::{
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

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// The message's id.
    pub id: MessageId,
    /// The room.
    pub room_id: RoomId,
    /// The message's number in the room: 1, 2, 3 ...
    pub seq: i64,
    /// The author.
    pub author: Author,
    /// Markdown as written; empty if deleted.
    pub body: String,
    /// Rendered and sanitised HTML; empty if deleted.
    pub html: String,
    /// The id that the author's client gave it.
    pub client_id: ClientId,
    /// The message it replies to.
    pub parent_id: Option<MessageId>,
    /// When it was sent.
    pub sent_at: Time,
    /// When it was last edited.
    pub edited_at: Option<Time>,
    /// Whether it was deleted: the message keeps its `seq`, but its text is removed.
    pub deleted: bool,
    /// 1 when sent, and one more with every change: `id` and `version` together identify a text.
    pub version: i64,
    /// Reactions to it.
    pub reactions: Vec<Reaction>,
    /// Attached files.
    pub attachments: Vec<String>,
    /// Users mentioned in it.
    pub mentions: Vec<UserId>,
    /// The replies to it.
    pub thread: Thread,
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
