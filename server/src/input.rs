//! Extractors that parse requests strictly, and report exactly what is wrong.

mod buffered_body;
pub mod upload;

pub use buffered_body::{buffer_body, collect_body};
pub use upload::Upload;

use crate::problem::ErrorResponse;
use axum::{
    extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Path, Request, rejection::BytesRejection},
    http::{HeaderMap, header, request::Parts},
};
use bytes::Bytes;
use futures::StreamExt;
use protocol::{
    error::{Code, Error, FieldError, Result},
    id::ClientId,
    limits,
};
use serde::de::{DeserializeOwned, Deserializer};

/// A JSON request body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = ErrorResponse;

    async fn from_request(request: Request, state: &S) -> Result<Self, ErrorResponse> {
        if !is_json(request.headers()) {
            let detail = "Send the body as JSON, with the header Content-Type: application/json.";
            return Err(Error::new(Code::WrongMediaType, detail).into());
        }
        if declared_length(request.headers()) > limits::BODY_BYTES {
            drain_body(request, MAX_DRAINED).await;
            return Err(too_large().into());
        }
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| match rejection {
            BytesRejection::FailedToBufferBody(cause) if cause.status() == 413 => too_large(),
            _ => incomplete_body(),
        })?;
        let text =
            std::str::from_utf8(&bytes).map_err(|_| Error::new(Code::Malformed, "The body is not UTF-8 text."))?;
        Ok(Self(object(text)?))
    }
}

/// Parses JSON that must be an object: serde would also accept a list for a struct whose fields are all optional.
fn object<T: DeserializeOwned>(text: &str) -> Result<T> {
    let text = without_byte_order_mark(text);
    if !text.trim_start().starts_with('{') {
        serde_json::from_str::<serde_json::Value>(text).map_err(|error| malformed(&error))?;
        return Err(FieldError::new("", "wrong_type", "This must be an object.").into());
    }
    json(text)
}

/// The error for a body that is too large.
pub fn too_large() -> Error {
    Error::new(Code::TooLarge, format!("A request body can have at most {} bytes.", limits::BODY_BYTES))
}

/// The error for a body that ends early.
pub fn incomplete_body() -> Error {
    Error::new(Code::Malformed, "The body is incomplete.")
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

/// The declared length of the body; 0 if there is none.
pub fn declared_length(headers: &HeaderMap) -> usize {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|length| length.parse().ok()).unwrap_or_default()
}

/// Bytes of a JSON body that are received although they are too many.
const MAX_DRAINED: usize = 32 * limits::BODY_BYTES;

/// Receives a body that is too large, up to `max_bytes` bytes: a client that is still writing when we close the
/// connection sees a broken connection instead of our response. A client that waits for permission (`Expect`), or
/// whose body is far too large, is not waited for.
pub async fn drain_body(request: Request, max_bytes: usize) {
    if request.headers().contains_key(header::EXPECT) || declared_length(request.headers()) > max_bytes {
        return;
    }
    let mut body = request.into_body().into_data_stream();
    while let Some(Ok(_)) = body.next().await {}
}

/// Parses JSON: text that is not JSON (or is nested too deeply) is malformed, JSON of the wrong shape is invalid.
pub fn json<T: DeserializeOwned>(text: &str) -> Result<T> {
    let text = without_byte_order_mark(text);
    // Only an error needs the slower way, which keeps track of the field.
    if let Ok(value) = serde_json::from_str(text)
        && !is_list(text)
    {
        return Ok(value);
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let error = match serde_path_to_error::deserialize(&mut deserializer) {
        Ok(value) => match deserializer.end() {
            Ok(()) if is_list(text) => {
                return Err(FieldError::new("", "wrong_type", "This must be an object.").into());
            }
            Ok(()) => return Ok(value),
            Err(error) => return Err(malformed(&error)),
        },
        Err(error) => error,
    };
    // The wrong shape may be found before the text turns out not to be JSON at all; the latter takes precedence.
    match serde_json::from_str::<serde_json::Value>(text) {
        Err(error) => Err(malformed(&error)),
        Ok(_) => Err(decode_error(error).into()),
    }
}

/// Some programs write one before JSON; it may be ignored (RFC 8259, 8.1).
fn without_byte_order_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

/// Serde would accept a list as the fields of a struct, in their order.
fn is_list(text: &str) -> bool {
    text.trim_start().starts_with('[')
}

fn malformed(error: &serde_json::Error) -> Error {
    Error::new(Code::Malformed, format!("Invalid JSON: {error}."))
}

/// Decodes self-describing data, and names the field that is invalid.
pub fn decode<'de, T: serde::Deserialize<'de>, D: Deserializer<'de>>(data: D) -> Result<T>
where
    D::Error: std::fmt::Display,
{
    serde_path_to_error::deserialize(data).map_err(|error| decode_error(error).into())
}

/// Serde reports errors as text; this converts them to a field and a code.
fn decode_error<E: std::fmt::Display>(error: serde_path_to_error::Error<E>) -> FieldError {
    let path = error.path().to_string();
    let text = error.into_inner().to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    let name = text.split('`').nth(1).unwrap_or_default();
    let within = |name: &str| match path.as_str() {
        "." | "?" => name.to_owned(),
        path if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        path => format!("{path}.{name}"),
    };
    if text.starts_with("unknown field") {
        FieldError::new(&within(name), "unknown", format!("Unknown field \"{name}\"."))
    } else if text.starts_with("missing field") {
        FieldError::new(&within(name), "required", format!("\"{name}\" is required."))
    } else if text.starts_with("unknown variant") {
        FieldError::new(&path, "invalid", format!("{}.", text.replacen("unknown variant", "Unknown value", 1)))
    } else {
        let message = match text.split_once(", expected ") {
            Some((_, wanted)) => format!("This must be {wanted}."),
            None => format!("Invalid value: {text}."),
        };
        FieldError::new(path.trim_start_matches('.'), "wrong_type", message)
    }
}

/// The query of a URL.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ErrorResponse> {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        let pairs = form_urlencoded::parse(query);
        Ok(Self(decode(serde_urlencoded::Deserializer::new(pairs))?))
    }
}

/// A parameter of the path; an invalid one gives `not_found`.
#[derive(Debug)]
pub struct PathParam<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PathParam<T> {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ErrorResponse> {
        match <Path<T> as FromRequestParts<S>>::from_request_parts(parts, state).await {
            Ok(Path(names)) => Ok(Self(names)),
            Err(_) => Err(Error::not_found("resource").into()),
        }
    }
}

/// The `Idempotency-Key` header: the client's id for what it creates.
#[derive(Debug)]
pub struct IdempotencyKey(pub ClientId);

impl<S: Send + Sync> OptionalFromRequestParts<S> for IdempotencyKey {
    type Rejection = ErrorResponse;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, ErrorResponse> {
        let Some(value) = parts.headers.get("idempotency-key") else { return Ok(None) };
        let key = ClientId(String::from_utf8_lossy(value.as_bytes()).into_owned());
        limits::client_id("Idempotency-Key", &key)?;
        Ok(Some(Self(key)))
    }
}

#[cfg(test)]
mod tests {
    use super::json;
    use protocol::{command::SendMessage, error::Code};

    fn error_of(text: &str) -> (Code, String, String) {
        let error = json::<SendMessage>(text).unwrap_err();
        let first = error.errors.first().map(|e| (e.field.clone(), e.code.clone())).unwrap_or_default();
        (error.code, first.0, first.1)
    }

    #[test]
    fn a_wrong_shape_names_its_field() {
        let case = |text, field: &str, code: &str| {
            assert_eq!(error_of(text), (Code::Invalid, field.to_owned(), code.to_owned()), "{text}");
        };
        case(r#"{"body":"hi"}"#, "client_id", "required");
        case(r#"{"body":"hi","client_id":"a","colour":"red"}"#, "colour", "unknown");
        case(r#"{"body":7,"client_id":"a"}"#, "body", "wrong_type");
        case("[]", "", "wrong_type");
        case("null", "", "wrong_type");
    }

    #[test]
    fn invalid_json_is_malformed_even_after_a_valid_beginning() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let late = r#"{"body":7, oops"#;
        let two_marks = "\u{feff}\u{feff}{}";
        let twice = r#"{"body":"hi","client_id":"a"} {}"#;
        for text in ["", "{", "hello", &deep, &format!(r#"{{"colour":{deep}}}"#), late, twice, two_marks] {
            assert_eq!(error_of(text).0, Code::Malformed, "{}", &text[..text.len().min(40)]);
        }
    }
}
