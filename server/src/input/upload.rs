//! The upload of one file.

use super::{declared_length, drain_body};
use crate::{
    caller::{self, SignedIn},
    fair_semaphore::{FairPermit, FairSemaphore},
    problem::ErrorResponse,
};
use axum::{
    extract::{FromRequest, FromRequestParts, Multipart, Request, multipart::MultipartError},
    http::{HeaderMap, header},
};
use domain::Network;
use protocol::{
    error::{Code, Error, FieldError, Result},
    id::UserId,
    limits::{self, AVATAR_BYTES},
    session::Caller,
};
use std::{
    collections::BTreeSet,
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::timeout;

/// The file in the field `file` of a form, from a signed-in user. Its name and media type are ignored: its type is
/// detected from the content.
#[derive(Debug)]
pub struct Upload {
    /// The user who uploads it.
    pub caller: Caller,
    /// The content of the file.
    pub file: Vec<u8>,
}

/// Bytes of a form that are read: one that is somewhat too large is received, so that the client gets our response.
pub const MAX_FORM_BYTES: usize = 2 * AVATAR_BYTES;
/// Bytes of all files that are being received: a slow client occupies no more than what it has sent.
const MAX_BUFFERED_BYTES: usize = 16 * AVATAR_BYTES;
/// How long a rejected request is received, so that a browser whose session has ended gets our response.
const REFUSED_DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

/// Bytes of a form that are received to the end, though most are discarded.
const MAX_DRAINED: usize = 64 * 1024 * 1024;
/// How long a file that is far too large is received and discarded, so that a browser gets our response.
const OVERSIZED_DRAIN_TIMEOUT: Duration = Duration::from_secs(20);

/// One network gets at most half of it, so that its accounts together cannot block the uploads of others.
static BUFFER_PERMITS: LazyLock<FairSemaphore> =
    LazyLock::new(|| FairSemaphore::new(MAX_BUFFERED_BYTES, MAX_BUFFERED_BYTES / 2));
/// Users who are uploading a file.
static UPLOADING_USERS: Mutex<BTreeSet<UserId>> = Mutex::new(BTreeSet::new());

/// The only upload slot of a user.
struct UploadSlot(UserId);

impl UploadSlot {
    fn acquire(user: UserId) -> Result<Self> {
        if with_uploading_users(|users| users.insert(user)) {
            return Ok(Self(user));
        }
        Err(Error::new(Code::Busy, "Your previous upload is still running. Try again in a moment."))
    }
}

impl Drop for UploadSlot {
    fn drop(&mut self) {
        with_uploading_users(|users| users.remove(&self.0));
    }
}

fn with_uploading_users<T>(change: impl FnOnce(&mut BTreeSet<UserId>) -> T) -> T {
    change(&mut UPLOADING_USERS.lock().unwrap_or_else(PoisonError::into_inner))
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = ErrorResponse;

    async fn from_request(request: Request, state: &S) -> Result<Self, ErrorResponse> {
        let (mut parts, body) = request.into_parts();
        let caller = SignedIn::from_request_parts(&mut parts, state).await;
        let network = caller::identity(&parts)?.network();
        let request = Request::from_parts(parts, body);
        let SignedIn(caller) = match caller {
            Ok(caller) => caller,
            Err(rejection) => {
                drain_briefly(request).await;
                return Err(rejection);
            }
        };
        if !is_form(request.headers()) {
            let detail = "Send the file in the field \"file\" of a form: Content-Type: multipart/form-data.";
            return Err(Error::new(Code::WrongMediaType, detail).into());
        }
        let _slot = UploadSlot::acquire(caller.user_id)?;
        if declared_length(request.headers()) > MAX_FORM_BYTES {
            let _ = timeout(OVERSIZED_DRAIN_TIMEOUT, drain_body(request, MAX_DRAINED)).await;
            limits::avatar(usize::MAX)?;
            return Err(Error::internal().into());
        }
        let form = Multipart::from_request(request, state).await;
        let form = form.map_err(|_| Error::new(Code::Malformed, "The form has no valid boundary."))?;
        Ok(Self { caller, file: read(form, network).await? })
    }
}

/// Receives a rejected request for a moment: a browser that is still writing when we close the connection does not get
/// our response.
pub async fn drain_briefly(request: Request) {
    let _ = timeout(REFUSED_DRAIN_TIMEOUT, drain_body(request, MAX_DRAINED)).await;
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("multipart/form-data"))
}

async fn read(mut form: Multipart, network: Network) -> Result<Vec<u8>> {
    let (mut file, mut length) = (None, 0);
    let mut permits = None;
    while let Some(mut field) = form.next_field().await.map_err(|error| form_error(&error))? {
        let name = field.name().unwrap_or_default().to_owned();
        if name != "file" {
            return Err(FieldError::new(&name, "unknown", "Unknown field. Send only the field \"file\".").into());
        }
        if file.is_some() {
            return Err(FieldError::new("file", "invalid", "Send only one file.").into());
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|error| form_error(&error))? {
            length += chunk.len();
            // Bytes beyond the limit are received to the end, but not kept.
            if length <= AVATAR_BYTES {
                reserve_memory(&mut permits, network, chunk.len())?;
                bytes.extend_from_slice(&chunk);
            }
        }
        file = Some(bytes);
    }
    limits::avatar(length)?;
    file.ok_or_else(|| FieldError::new("file", "required", "Choose an image.").into())
}

/// Reserves more of the memory for files that are being received.
fn reserve_memory(permits: &mut Option<FairPermit>, network: Network, bytes: usize) -> Result<()> {
    let busy = || Error::new(Code::Busy, "Too many uploads are running. Try again in a moment.");
    let more = BUFFER_PERMITS.try_acquire(network, u32::try_from(bytes).unwrap_or(u32::MAX)).ok_or_else(busy)?;
    match permits {
        Some(room) => room.merge(more),
        None => *permits = Some(more),
    }
    Ok(())
}

fn form_error(error: &MultipartError) -> Error {
    match limits::avatar(usize::MAX) {
        Err(too_large) if error.status() == 413 => too_large,
        _ => Error::new(Code::Malformed, "The form is malformed or incomplete."),
    }
}
