//! Messages.

use crate::{
    id::{ClientId, MessageId, RoomId, UserId},
    time::Time,
    user::Author,
};
use serde::Serialize;

/// One emoji under a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// How many people chose it.
    pub count: i64,
    /// Whether the caller did.
    pub me: bool,
}

/// The replies to a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Thread {
    /// How many.
    pub replies: i64,
    /// When the last was sent.
    pub last_at: Option<Time>,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Message {
    /// Its name.
    pub id: MessageId,
    /// Where it was said.
    pub room_id: RoomId,
    /// Its place in the room: 1, 2, 3 ...
    pub seq: i64,
    /// Who said it.
    pub author: Author,
    /// Markdown as written; empty once deleted.
    pub body: String,
    /// Rendered and sanitised; empty once deleted.
    pub html: String,
    /// The name its author's client gave it.
    pub client_id: ClientId,
    /// The message it replies to.
    pub parent_id: Option<MessageId>,
    /// When it was said.
    pub sent_at: Time,
    /// When it was last changed.
    pub edited_at: Option<Time>,
    /// Taken back: the place stays, the words are gone.
    pub deleted: bool,
    /// 1 as sent, and one more with every change: with `id` it names exactly this text.
    pub version: i64,
    /// Emoji under it.
    pub reactions: Vec<Reaction>,
    /// Files with it.
    pub attachments: Vec<String>,
    /// People named in it.
    pub mentions: Vec<UserId>,
    /// Its replies.
    pub thread: Thread,
}

crate::from_json! {
    Reaction { emoji, count, me }
    Thread { replies, last_at }
    Message { id, room_id, seq, author, body, html, client_id, parent_id, sent_at, edited_at, deleted, version, reactions, attachments, mentions, thread }
}
