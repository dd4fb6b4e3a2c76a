//! What travels over the WebSocket: commands up, events and answers down.

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
    /// The first frame.
    Hello {
        /// Whose connection this is.
        user_id: UserId,
        /// Their sign-in on this device.
        session_id: SessionId,
        /// Where the stream goes on from.
        cursor: Cursor,
        /// Whether what was missed follows.
        resumed: bool,
    },
    /// All that was missed has been sent; from here on events come as they happen.
    Live {
        /// Where the stream is.
        cursor: Cursor,
    },
    /// What was missed cannot be told: take a new snapshot.
    Reset {
        /// Why.
        reason: Reset,
    },
    /// A command was done.
    Ack {
        /// The command's number.
        id: u64,
        /// What it made, if it made something.
        data: Option<Message>,
    },
    /// A command was refused.
    Error {
        /// The command's number; null when the frame could not be read.
        id: Option<u64>,
        /// Why.
        error: Problem,
    },
    /// Someone came or went. It has no place in the stream and is not told again; our own pages do not follow it.
    #[serde(rename = "presence.updated")]
    Presence {
        /// Who, and whether they are here now.
        data: PresenceChange,
    },
    /// Something happened.
    #[serde(untagged)]
    Event(Event),
}

// Written by our own client. What a server reads is checked more strictly: see `server::socket`.
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
    /// Named again in the answer.
    pub id: u64,
    /// What to do.
    #[serde(flatten)]
    pub command: SocketCommand,
}

/// Commands that a client can give over its socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", deny_unknown_fields)]
pub enum SocketCommand {
    /// Say something.
    #[serde(rename = "message.send")]
    Send {
        /// Where.
        room_id: RoomId,
        /// Markdown.
        body: String,
        /// The client's name for it.
        client_id: ClientId,
    },
    /// Say it differently.
    #[serde(rename = "message.edit")]
    Edit {
        /// Which.
        message_id: MessageId,
        /// Markdown.
        body: String,
    },
    /// Take it back.
    #[serde(rename = "message.delete")]
    Delete {
        /// Which.
        message_id: MessageId,
    },
    /// All up to and including this message is read.
    #[serde(rename = "read.mark")]
    MarkRead {
        /// The room.
        room_id: RoomId,
        /// The last message read.
        message_id: MessageId,
    },
    /// Are you there?
    #[serde(rename = "ping")]
    Ping {},
}

impl SocketCommand {
    /// The names of all commands, for telling a wrong one.
    pub const NAMES: [&'static str; 5] = ["message.send", "message.edit", "message.delete", "read.mark", "ping"];

    /// A command that sends a message.
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
