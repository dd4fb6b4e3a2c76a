//! One uploaded file.

use super::declared_length;
use crate::problem::Failure;
use axum::{
    extract::{FromRequest, Multipart, Request, multipart::MultipartError},
    http::{HeaderMap, header},
};
use protocol::{
    error::{Code, Error, FieldError, Result},
    limits::{self, AVATAR_BYTES},
};
use tokio::sync::Semaphore;

/// The file in the field `file` of a form. Neither its name nor its type is looked at: its content tells what it is.
#[derive(Debug)]
pub struct Upload(pub Vec<u8>);

/// Bytes of a form that are read: one that is somewhat too large arrives, so that its sender hears our answer.
pub const FORM_BYTES: usize = 2 * AVATAR_BYTES;
/// Files that arrive at once; they are in memory.
const AT_ONCE: usize = 16;

static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        if !is_form(request.headers()) {
            let detail = "Send the file in the field \"file\" of a form: Content-Type: multipart/form-data.";
            return Err(Error::new(Code::WrongMediaType, detail).into());
        }
        if declared_length(request.headers()) > FORM_BYTES {
            limits::avatar(usize::MAX)?;
        }
        let _place = PLACES
            .try_acquire()
            .map_err(|_| Error::new(Code::Busy, "Many pictures are arriving just now. Try again in a moment."))?;
        let form = Multipart::from_request(request, state).await;
        let form = form.map_err(|_| Error::new(Code::Malformed, "The form does not say where its fields end."))?;
        Ok(Self(read(form).await?))
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("multipart/form-data"))
}

async fn read(mut form: Multipart) -> Result<Vec<u8>> {
    let (mut file, mut length) = (None, 0);
    while let Some(mut field) = form.next_field().await.map_err(|error| broken(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        if name != "file" {
            return Err(FieldError::new(&name, "unknown", "The form has one field, \"file\".").into());
        }
        if file.is_some() {
            return Err(FieldError::new("file", "invalid", "Send one file.").into());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
            length += chunk.len();
            // What is too much is heard to its end, but not kept.
            if length <= AVATAR_BYTES {
                bytes.extend_from_slice(&chunk);
            }
        }
        file = Some(bytes);
    }
    limits::avatar(length)?;
    file.ok_or_else(|| FieldError::new("file", "required", "Choose a picture first.").into())
}

fn broken(error: &MultipartError) -> Error {
    match limits::avatar(usize::MAX) {
        Err(too_large) if error.status() == 413 => too_large,
        _ => Error::new(Code::Malformed, "The form cannot be read, or broke off before its end."),
    }
}
