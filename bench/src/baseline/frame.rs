//! Frames of the same shape and size as those of the real server.

use crate::baseline::connection::SentMessage;
use anyhow::Result;
use axum::extract::ws::Utf8Bytes;
use protocol::{
    cursor::Cursor,
    event::{Change, Event},
    id::{MessageId, UserId},
    message::{Message, MessageKind, Thread},
    time::Time,
    user::Author,
};
use serde::Serialize;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// The id of a new message.
#[expect(clippy::disallowed_methods, reason = "a bare server has no clock of its own")]
pub fn new_id() -> MessageId {
    MessageId(Uuid::now_v7())
}

/// The current time.
pub fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A new message.
pub fn message(sent: &SentMessage, id: MessageId, seq: i64) -> Message {
    Message {
        id,
        room_id: sent.room_id,
        seq,
        kind: MessageKind::Text,
        subject: None,
        author: Author {
            id: UserId(Uuid::from_u128(u128::from(sent.from))),
            username: "bench-0001".into(),
            display_name: "bench-0001".into(),
            avatar_url: None,
        },
        body: sent.body.clone(),
        html: format!("<p>{}</p>\n", sent.body),
        client_id: sent.client_id.clone(),
        parent_id: None,
        sent_at: now(),
        edited_at: None,
        deleted: false,
        version: 1,
        reactions: Vec::new(),
        attachments: Vec::new(),
        mentions: Vec::new(),
        thread: Thread::default(),
    }
}

/// The event that publishes a message, serialised once for everyone.
pub fn event(message: Message, position: i64) -> Result<Utf8Bytes> {
    let (at, room_id) = (message.sent_at, Some(message.room_id));
    let change = Change::MessageCreated(message);
    text(&Event { change, cursor: Cursor { epoch: 1, position }, at, room_id })
}

/// Serialises a frame.
pub fn text(frame: &impl Serialize) -> Result<Utf8Bytes> {
    Ok(serde_json::to_string(frame)?.into())
}
