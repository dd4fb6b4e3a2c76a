//! The id of a request.

use axum::{extract::Request, http::HeaderName};

/// The header that carries it, in requests and responses.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request in the log, in the headers of the response and in problem documents.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

impl RequestId {
    /// The client's own id if it is safe to log, else a new one.
    pub fn from_request(request: &Request) -> Self {
        let given = request.headers().get(HEADER).and_then(|value| value.to_str().ok());
        let sane = |id: &&str| {
            (1..=64).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        };
        Self(given.filter(sane).map_or_else(|| format!("{:032x}", rand::random::<u128>()), str::to_owned))
    }
}
