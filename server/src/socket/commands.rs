//! Commands of a client: parsed strictly, run through the same port as everything else; the response repeats their id.

use crate::{
    input,
    rate_limit::{Bucket, RateKey},
    state::AppState,
};
use domain::{Service, audit};
use protocol::{
    error::{Code, Error, FieldError, Result},
    frame::{AckData, DecodeCommand, ServerFrame, SocketCommand},
    message::{Message, SentMessage},
    port::prelude::*,
    session::Caller,
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// A command as received, with its id as far as that could be read.
pub struct CommandFrame {
    /// Repeated in the response.
    pub id: Option<u64>,
    /// The command, or why it could not be parsed.
    pub command: Result<SocketCommand>,
}

impl CommandFrame {
    /// Parses a text frame.
    pub fn parse(text: &str) -> Self {
        match input::json::<Map<String, Value>>(text) {
            Ok(mut fields) => {
                let id = fields.remove("id");
                let number = id.as_ref().and_then(Value::as_u64);
                Self { id: number, command: check_id(id, number).and_then(|()| parse_command(fields)) }
            }
            Err(error) => Self { id: None, command: Err(error) },
        }
    }

    /// A frame that is not a command.
    pub const fn refused(error: Error) -> Self {
        Self { id: None, command: Err(error) }
    }

    /// Whether it changes an existing message.
    pub const fn is_change(&self) -> bool {
        matches!(self.command, Ok(SocketCommand::Edit { .. } | SocketCommand::Delete { .. }))
    }

    /// Counts the frame against the caller's rate limit; one that is not a command counts like a read.
    #[must_use]
    pub fn rate_limited(self, state: &AppState, caller: &Caller) -> Self {
        let bucket = self.command.as_ref().map_or(Bucket::Read, bucket);
        match check_rate(state, caller, bucket) {
            Ok(()) => self,
            Err(error) => Self { id: self.id, command: Err(error) },
        }
    }

    /// Whether it is not a command, or one too many.
    pub const fn is_refused(&self) -> bool {
        self.command.is_err()
    }

    /// Runs the command and returns the response.
    pub async fn perform(self, state: &AppState, caller: &Caller, request_id: &str) -> ServerFrame {
        let done = match self.command {
            Ok(command) => run(state, caller, command).await,
            Err(error) => Err(error),
        };
        match (done, self.id) {
            (Ok(data), Some(id)) => ServerFrame::Ack { id, data },
            (Ok(_), None) => self::error(None, Error::internal(), request_id),
            (Err(error), id) => self::error(id, error, request_id),
        }
    }
}

fn error(id: Option<u64>, error: Error, request_id: &str) -> ServerFrame {
    audit::permission_denied(&error);
    ServerFrame::Error { id, error: error.problem(Some(request_id.to_owned())) }
}

fn check_id(id: Option<Value>, number: Option<u64>) -> Result<()> {
    match (id, number) {
        (_, Some(_)) => Ok(()),
        (None, None) => Err(FieldError::new("id", "required", "\"id\" is required: a number that you choose.").into()),
        (Some(_), None) => Err(FieldError::new("id", "wrong_type", "\"id\" must be a whole number, 0 or more.").into()),
    }
}

fn parse_command(mut fields: Map<String, Value>) -> Result<SocketCommand> {
    let name = match fields.remove("type") {
        None => return Err(FieldError::new("type", "required", "\"type\" is required: a command's name.").into()),
        Some(Value::String(name)) => name,
        Some(_) => return Err(FieldError::new("type", "wrong_type", "\"type\" must be a command's name.").into()),
    };
    SocketCommand::decode::<Decoder>(&name, fields).unwrap_or_else(|| {
        let known = SocketCommand::NAMES.join(", ");
        Err(Error::new(Code::UnknownCommand, format!("Unknown command. Use one of: {known}.")))
    })
}

struct Decoder;

impl DecodeCommand for Decoder {
    fn decode<T: DeserializeOwned>(fields: Map<String, Value>) -> Result<T> {
        let fields = Value::Object(fields);
        T::deserialize(&fields).or_else(|_| input::decode(fields))
    }
}

/// Counts a frame of the caller, if it is allowed.
pub fn check_rate(state: &AppState, caller: &Caller, bucket: Bucket) -> Result<()> {
    let Some(limiter) = &state.rate_limiter else { return Ok(()) };
    limiter.check(bucket, RateKey::Account(caller.user_id)).refused.map_or(Ok(()), Err)
}

/// Runs the command with the caller's current permissions.
async fn run(state: &AppState, caller: &Caller, command: SocketCommand) -> Result<Option<AckData>> {
    perform(&state.service, &state.service.refresh_caller(caller).await?, command).await
}

/// What is stored counts as a write, the rest as a read.
const fn bucket(command: &SocketCommand) -> Bucket {
    match command {
        SocketCommand::Send { .. } | SocketCommand::Edit { .. } | SocketCommand::Delete { .. } => Bucket::Write,
        SocketCommand::MarkRead { .. } | SocketCommand::Ping {} => Bucket::Read,
    }
}

async fn perform(chat: &Service, caller: &Caller, command: SocketCommand) -> Result<Option<AckData>> {
    let changed = |message: Message| Ok(Some(AckData::Changed(Box::new(message))));
    match command {
        SocketCommand::Send { room_id, message } => {
            let sent = chat.send_message(caller, room_id, message).await?;
            Ok(Some(AckData::Sent(SentMessage::from(&sent.value))))
        }
        SocketCommand::Edit { message_id, edit } => changed(chat.edit_message(caller, message_id, edit).await?),
        SocketCommand::Delete { message_id } => changed(chat.delete_message(caller, message_id).await?),
        SocketCommand::MarkRead { room_id, marker } => {
            chat.mark_read(caller, room_id, marker).await?;
            Ok(None)
        }
        SocketCommand::Ping {} => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(text: &str) -> (Option<u64>, Code, String, String) {
        let command = CommandFrame::parse(text);
        let error = command.command.unwrap_err();
        let first = error.errors.first().map(|e| (e.field.clone(), e.code.clone())).unwrap_or_default();
        (command.id, error.code, first.0, first.1)
    }

    #[test]
    fn an_invalid_command_reports_id_and_field() {
        let case = |text, id, code, field: &str, word: &str| {
            assert_eq!(error_of(text), (id, code, field.to_owned(), word.to_owned()), "{text}");
        };
        case("[]", None, Code::Invalid, "", "wrong_type");
        case("{", None, Code::Malformed, "", "");
        case(r#"{"type":"ping"}"#, None, Code::Invalid, "id", "required");
        case(r#"{"id":-1,"type":"ping"}"#, None, Code::Invalid, "id", "wrong_type");
        case(r#"{"id":1}"#, Some(1), Code::Invalid, "type", "required");
        case(r#"{"id":1,"type":7}"#, Some(1), Code::Invalid, "type", "wrong_type");
        case(r#"{"id":1,"type":"dance"}"#, Some(1), Code::UnknownCommand, "", "");
        case(r#"{"id":1,"type":"ping","x":1}"#, Some(1), Code::Invalid, "x", "unknown");
        case(r#"{"id":1,"type":"message.delete"}"#, Some(1), Code::Invalid, "message_id", "required");
        case(
            r#"{"id":1,"type":"message.delete","message_id":"x"}"#,
            Some(1),
            Code::Invalid,
            "message_id",
            "wrong_type",
        );
    }

    #[test]
    fn every_listed_command_is_known() {
        for name in SocketCommand::NAMES {
            let command = CommandFrame::parse(&format!(r#"{{"id":1,"type":"{name}"}}"#));
            assert!(
                command.command.is_ok_and(|command| command == SocketCommand::Ping {}) || *name != "ping",
                "{name}"
            );
            assert_ne!(error_of(&format!(r#"{{"id":1,"type":"{name}","x":1}}"#)).1, Code::UnknownCommand, "{name}");
        }
    }
}
