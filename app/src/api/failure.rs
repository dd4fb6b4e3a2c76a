//! The error type of server functions: it wraps the one error of all layers.

use crate::api::Wire;
use leptos::server_fn::{
    Bytes, Decodes, Encodes,
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use protocol::error::{Code, Error};
use serde::{Deserialize, Deserializer, Serialize};

/// The error of every server function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Failure(pub Error);

impl Failure {
    /// The stable error code.
    pub const fn code(&self) -> Code {
        self.0.code
    }

    /// Decodes an error response of the server.
    pub fn from_response(body: Bytes) -> Self {
        JsonEncoding::decode(body)
            .unwrap_or_else(|error| Self::from_server_fn_error(ServerFnErrorErr::Deserialization(error.to_string())))
    }

    /// The error message of one field.
    pub fn field_error(&self, field: &str) -> Option<String> {
        self.0.errors.iter().find(|error| error.field == field).map(|error| error.message.clone())
    }
}

impl<'de> Deserialize<'de> for Failure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Wire::deserialize(deserializer).map(|Wire(error)| Self(error))
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl FromServerFnError for Failure {
    type Encoder = JsonEncoding;

    /// Only error responses are encoded here, so this sets the HTTP status of the error code.
    fn ser(&self) -> Bytes {
        #[cfg(feature = "ssr")]
        {
            super::request::set_response_status(self.code().status());
            super::request::record_refusal(self);
        }
        JsonEncoding::encode(self).unwrap_or_default()
    }

    /// Only error responses are decoded here, so this ends a page that belongs to another user.
    fn de(data: Bytes) -> Self {
        let failure = Self::from_response(data);
        #[cfg(not(feature = "ssr"))]
        if failure.code() == Code::OtherUser {
            crate::page_user::leave_page();
        }
        failure
    }

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        Self(match value {
            ServerFnErrorErr::Request(_) => {
                Error::new(Code::TimedOut, "The server could not be reached. Check your connection and try again.")
            }
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Error::new(Code::Malformed, "The form could not be read. Reload the page and try again.")
            }
            _ => Error::internal(),
        })
    }
}
