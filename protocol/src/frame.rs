//! WebSocket frames: commands from the client, events and responses from the server.

use crate::{
    command::{EditMessage, MarkRead, SendMessage},
    cursor::Cursor,
    error::{Error, Problem},
    event::{Event, PresenceChange},
    id::{MessageId, RoomId, SessionId, UserId},
    message::{Message, SentMessage},
    sync::Reset,
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, DeserializeOwned, Error as _},
};
use serde_json::{Map, Value};

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
        /// What the command did; null if it has no result.
        data: Option<AckData>,
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
    Event(Box<Event>),
}

/// What a command did.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum AckData {
    /// A message was sent; its event carries the rest.
    Sent(SentMessage),
    /// The message after an edit or a deletion.
    Changed(Box<Message>),
}

impl<'de> Deserialize<'de> for AckData {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let data = Value::deserialize(deserializer)?;
        if data.get("message_id").is_some() {
            serde_json::from_value(data).map(Self::Sent).map_err(D::Error::custom)
        } else {
            serde_json::from_value(data).map(Self::Changed).map_err(D::Error::custom)
        }
    }
}

// Decodes frames in our own client. What serde would derive for the tag, and an untagged event beside it, decodes each
// part in a second way. The server parses the frames of clients more strictly: see `server::socket`.
impl<'de> Deserialize<'de> for ServerFrame {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fn take<T: DeserializeOwned, E: de::Error>(fields: &mut Value, name: &str) -> Result<T, E> {
            serde_json::from_value(fields[name].take()).map_err(E::custom)
        }
        let mut value = Value::deserialize(deserializer)?;
        let fields = &mut value;
        Ok(match fields["type"].as_str().unwrap_or_default() {
            "hello" => Self::Hello {
                user_id: take(fields, "user_id")?,
                session_id: take(fields, "session_id")?,
                cursor: take(fields, "cursor")?,
                resumed: take(fields, "resumed")?,
            },
            "live" => Self::Live { cursor: take(fields, "cursor")? },
            "reset" => Self::Reset { reason: take(fields, "reason")? },
            "ack" => Self::Ack { id: take(fields, "id")?, data: take(fields, "data")? },
            "error" => Self::Error { id: take(fields, "id")?, error: take(fields, "error")? },
            "presence.updated" => Self::Presence { data: take(fields, "data")? },
            _ => Self::Event(Box::new(serde_json::from_value(value).map_err(D::Error::custom)?)),
        })
    }
}

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

/// Decodes the parts of a command that was received, and names the field that is wrong.
pub trait DecodeCommand {
    /// Decodes an object, whose fields must all be known.
    fn decode<T: DeserializeOwned>(fields: Map<String, Value>) -> Result<T, Error>;
}

/// The table of socket commands: their names, what their targets are, and the command of the port with the rest of the
/// fields.
macro_rules! socket_commands {
    ($(#[doc = $doc:literal] $variant:ident = $name:tt {
        $(#[doc = $target_doc:literal] $target:ident: $id:ty),*
        $(; #[doc = $command_doc:literal] $command:ident: $data:ty)?
    })+) => {
        /// Commands that a client can send over its socket.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(tag = "type")]
        pub enum SocketCommand {
            $(
                #[doc = $doc]
                #[serde(rename = $name)]
                $variant {
                    $(#[doc = $target_doc] $target: $id,)*
                    $(#[doc = $command_doc] #[serde(flatten)] $command: $data,)?
                },
            )+
        }

        impl SocketCommand {
            /// The names of all commands, for the error about an unknown one.
            pub const NAMES: &[&str] = &[$($name),+];

            /// Decodes the command of this name; `None` if there is none.
            pub fn decode<D: DecodeCommand>(name: &str, mut fields: Map<String, Value>) -> Option<Result<Self, Error>> {
                match name {
                    $($name => {
                        #[derive(Deserialize)]
                        struct Targets { $($target: $id,)* }
                        let targets = split_off(&mut fields, &[$(stringify!($target)),*]);
                        let decoded = D::decode(targets).and_then(|Targets { $($target),* }| {
                            let rest = D::decode::<rest!(type $($data)?)>(fields);
                            rest.map(|rest!(pattern $($command)?)| Self::$variant { $($target,)* $($command)? })
                        });
                        Some(decoded)
                    })+
                    _ => None,
                }
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for SocketCommand {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let one_of = utoipa::openapi::schema::OneOfBuilder::new()
                    .description(Some("Commands that a client can send over its socket."))
                    $(.item(schema::command(
                        ($doc, $name),
                        &[$(($target_doc, stringify!($target), <$id as utoipa::ToSchema>::name())),*],
                        schema::fields::<rest!(type $($data)?)>(),
                    )))+;
                utoipa::openapi::Schema::from(one_of.build()).into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for SocketCommand {}
    };
}

/// The fields besides the targets: those of the port's command, or none.
macro_rules! rest {
    (type $data:ty) => {
        $data
    };
    (type) => {
        NoFields
    };
    (pattern $command:ident) => {
        $command
    };
    (pattern) => {
        NoFields {}
    };
}

#[derive(Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
struct NoFields {}

/// Removes these fields, those that are there, from an object and returns them as one of their own.
fn split_off(fields: &mut Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    names.iter().filter_map(|name| fields.remove_entry(*name)).collect()
}

/// Schemas of commands: one object with the type, the targets and the fields of the port's command.
#[cfg(feature = "openapi")]
mod schema {
    use std::borrow::Cow;
    use utoipa::{
        PartialSchema,
        openapi::{Object, ObjectBuilder, RefOr, Schema, Type, schema::RefBuilder},
    };

    /// The fields of a struct.
    pub fn fields<T: PartialSchema>() -> Object {
        match T::schema() {
            RefOr::T(Schema::Object(object)) => object,
            _ => Object::new(),
        }
    }

    pub fn command(
        (doc, name): (&str, &str),
        targets: &[(&str, &str, Cow<'static, str>)],
        mut object: Object,
    ) -> Object {
        object.description = Some(doc.trim().to_owned());
        for (doc, field, schema) in targets {
            let target = RefBuilder::new().ref_location_from_schema_name(schema.as_ref()).description(Some(doc.trim()));
            object.properties.insert((*field).to_owned(), target.build().into());
            object.required.push((*field).to_owned());
        }
        let name = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([name]));
        object.properties.insert("type".to_owned(), name.build().into());
        object.required.push("type".to_owned());
        // The frame adds an id.
        object.additional_properties = None;
        object
    }
}

socket_commands! {
    /// Send a message.
    Send = "message.send" {
        /// The room.
        room_id: RoomId;
        /// The message.
        message: SendMessage
    }
    /// Edit a message.
    Edit = "message.edit" {
        /// The message.
        message_id: MessageId;
        /// The edit.
        edit: EditMessage
    }
    /// Delete a message.
    Delete = "message.delete" {
        /// The message.
        message_id: MessageId
    }
    /// Mark a room as read up to and including a message.
    MarkRead = "read.mark" {
        /// The room.
        room_id: RoomId;
        /// Up to where.
        marker: MarkRead
    }
    /// Check the connection; answered with `ack`.
    Ping = "ping" {}
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
        let event = r#"{"type":"read.updated","data":{"room_id":"01890000-0000-7000-8000-000000000000","read_seq":3,"unread":0},
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
