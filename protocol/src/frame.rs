//! WebSocket frames: commands from the client, events and responses from the server.

use crate::{
    command::SendMessage,
    cursor::Cursor,
    error::Problem,
    event::{Event, PresenceChange},
    id::{ClientId, MessageId, RoomId, SessionId, UserId},
    message::Message,
    read::{self, DecodeError, FromJson, field},
    sync::Reset,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A frame from the server.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    /// The first frame of a connection.
    Hello {
        /// The user of this connection.
        user_id: UserId,
        /// The session of this connection.
        session_id: SessionId,
        /// The position from which the stream continues.
        cursor: Cursor,
        /// Whether the missed events follow.
        resumed: bool,
    },
    /// All missed events have been sent; from here on events are sent as they happen.
    Live {
        /// The current position in the stream.
        cursor: Cursor,
    },
    /// The missed events cannot be sent: take a new snapshot.
    Reset {
        /// The reason.
        reason: Reset,
    },
    /// A command succeeded.
    Ack {
        /// The id of the command.
        id: u64,
        /// The message after the command; null if the command has no result.
        data: Option<Message>,
    },
    /// A command failed.
    Error {
        /// The id of the command; null if the frame could not be read.
        id: Option<u64>,
        /// The problem.
        error: Problem,
    },
    /// A user's presence changed. This frame is not part of the stream and is not replayed; the web client ignores it.
    #[serde(rename = "presence.updated")]
    Presence {
        /// The user and their new presence.
        data: PresenceChange,
    },
    /// An event of the stream.
    #[serde(untagged)]
    Event(Event),
}

// Decodes frames in our own client. The server parses the frames of clients more strictly: see `server::socket`.
impl FromJson for ServerFrame {
    fn from_json(value: Value) -> Result<Self, DecodeError> {
        let kind = value["type"].as_str().unwrap_or_default().to_owned();
        if !matches!(kind.as_str(), "hello" | "live" | "reset" | "ack" | "error") {
            return Event::from_json(value).map(Self::Event);
        }
        let fields = &mut read::fields(value)?;
        Ok(match kind.as_str() {
            "hello" => Self::Hello {
                user_id: field(fields, "user_id")?,
                session_id: field(fields, "session_id")?,
                cursor: field(fields, "cursor")?,
                resumed: field(fields, "resumed")?,
            },
            "live" => Self::Live { cursor: field(fields, "cursor")? },
            "reset" => Self::Reset { reason: field(fields, "reason")? },
            "ack" => Self::Ack { id: field(fields, "id")?, data: field(fields, "data")? },
            _ => Self::Error { id: field(fields, "id")?, error: field(fields, "error")? },
        })
    }
}

crate::deserialize_from_json!(ServerFrame);

/// A frame from the client.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientFrame {
    /// Repeated in the response.
    pub id: u64,
    /// The command.
    #[serde(flatten)]
    pub command: SocketCommand,
}

/// Commands that a client can send over its socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", deny_unknown_fields)]
pub enum SocketCommand {
    /// Send a message.
    #[serde(rename = "message.send")]
    Send {
        /// The room.
        room_id: RoomId,
        /// Markdown.
        body: String,
        /// The client's id for the message.
        client_id: ClientId,
    },
    /// Edit a message.
    #[serde(rename = "message.edit")]
    Edit {
        /// The message.
        message_id: MessageId,
        /// The new text, in Markdown.
        body: String,
    },
    /// Delete a message.
    #[serde(rename = "message.delete")]
    Delete {
        /// The message.
        message_id: MessageId,
    },
    /// Mark a room as read up to and including a message.
    #[serde(rename = "read.mark")]
    MarkRead {
        /// The room.
        room_id: RoomId,
        /// The last message read.
        message_id: MessageId,
    },
    /// Check the connection; answered with `ack`.
    #[serde(rename = "ping")]
    Ping {},
}

impl SocketCommand {
    /// The names of all commands, for the error about an unknown one.
    pub const NAMES: [&'static str; 5] = ["message.send", "message.edit", "message.delete", "read.mark", "ping"];

    /// Creates a command that sends a message.
    pub fn send(room_id: RoomId, message: SendMessage) -> Self {
        Self::Send { room_id, body: message.body, client_id: message.client_id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_distinguished_by_their_type() {
        let live = r#"{"type":"live","cursor":"0000002a.7"}"#;
        assert_eq!(
            serde_json::from_str::<ServerFrame>(live).unwrap(),
            ServerFrame::Live { cursor: Cursor { epoch: 42, position: 7 } }
        );
        let event = r#"{"type":"read.updated","data":{"room_id":"01890000-0000-7000-8000-000000000000","read_seq":3},
            "cursor":"0000002a.8","at":"2026-11-19T09:02:03.004Z"}"#;
        let frame = serde_json::from_str::<ServerFrame>(event).unwrap();
        assert!(matches!(frame, ServerFrame::Event(_)), "{frame:?}");
        assert_eq!(serde_json::from_str::<ServerFrame>(&serde_json::to_string(&frame).unwrap()).unwrap(), frame);
    }

    #[test]
    fn a_command_is_serialised_with_id_and_type() {
        let frame = ClientFrame { id: 7, command: SocketCommand::Ping {} };
        assert_eq!(serde_json::to_string(&frame).unwrap(), r#"{"id":7,"type":"ping"}"#);
    }
}
