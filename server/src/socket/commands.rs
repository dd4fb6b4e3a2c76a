//! Commands of a client: parsed strictly, run through the same port as everything else, and answered with their id.

use crate::{input, state::AppState};
use domain::{Service, audit};
use protocol::{
    command::{EditMessage, MarkRead, SendMessage},
    error::{Code, Error, FieldError, Result},
    frame::{ServerFrame, SocketCommand},
    id::{ClientId, MessageId, RoomId},
    message::Message,
    port::prelude::*,
    session::Caller,
};
use serde::Deserialize;
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

    /// Runs the command and returns the response.
    pub async fn perform(self, state: &AppState, caller: &Caller, request_id: &str) -> ServerFrame {
        let done = match self.command {
            Ok(command) => rate_limit_and_run(state, caller, command).await,
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
        (None, None) => Err(FieldError::new("id", "required", "\"id\" is needed: a number of your own.").into()),
        (Some(_), None) => Err(FieldError::new("id", "wrong_type", "\"id\" is a whole number, 0 or more.").into()),
    }
}

fn parse_command(mut fields: Map<String, Value>) -> Result<SocketCommand> {
    let name = match fields.remove("type") {
        None => return Err(FieldError::new("type", "required", "\"type\" is needed: the command's name.").into()),
        Some(Value::String(name)) => name,
        Some(_) => return Err(FieldError::new("type", "wrong_type", "\"type\" is the command's name.").into()),
    };
    // The fields of each command by themselves: parsing the whole enum would lose which field is wrong.
    macro_rules! command {
        ($command:ident { $($field:ident: $kind:ty),* }) => {{
            #[derive(Deserialize)]
            #[serde(deny_unknown_fields)]
            struct Fields { $($field: $kind),* }
            input::decode(Value::Object(fields)).map(|Fields { $($field),* }| SocketCommand::$command { $($field),* })
        }};
    }
    match name.as_str() {
        "message.send" => command!(Send { room_id: RoomId, body: String, client_id: ClientId }),
        "message.edit" => command!(Edit { message_id: MessageId, body: String }),
        "message.delete" => command!(Delete { message_id: MessageId }),
        "read.mark" => command!(MarkRead { room_id: RoomId, message_id: MessageId }),
        "ping" => command!(Ping {}),
        _ => {
            let known = SocketCommand::NAMES.join(", ");
            Err(Error::new(Code::UnknownCommand, format!("There is no such command. These are known: {known}.")))
        }
    }
}

/// Applies the rate limit, and runs the command with the caller's current permissions.
async fn rate_limit_and_run(state: &AppState, caller: &Caller, command: SocketCommand) -> Result<Option<Message>> {
    if let Some(pace) = &state.rate_limiter {
        pace.check_command(&command, caller.user_id)?;
    }
    perform(&state.service, &state.service.refresh_caller(caller).await?, command).await
}

async fn perform(chat: &Service, caller: &Caller, command: SocketCommand) -> Result<Option<Message>> {
    match command {
        SocketCommand::Send { room_id, body, client_id } => {
            Ok(Some(chat.send(caller, room_id, SendMessage { body, client_id }).await?.value))
        }
        SocketCommand::Edit { message_id, body } => {
            Ok(Some(chat.edit(caller, message_id, EditMessage { body }).await?))
        }
        SocketCommand::Delete { message_id } => Ok(Some(chat.delete(caller, message_id).await?)),
        SocketCommand::MarkRead { room_id, message_id } => {
            chat.mark_read(caller, room_id, MarkRead { message_id }).await?;
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
            assert!(command.command.is_ok_and(|command| command == SocketCommand::Ping {}) || name != "ping", "{name}");
            assert_ne!(error_of(&format!(r#"{{"id":1,"type":"{name}","x":1}}"#)).1, Code::UnknownCommand, "{name}");
        }
    }
}
