//! Bodies that are there before anything is done for them.

use super::{declared_length, incomplete_body, too_large};
use crate::problem::ErrorResponse;
use axum::{
    body::Body,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use protocol::{error::Result, limits};

/// Lets a body arrive before what follows takes a turn for it: who sends slowly waits alone. Inside
/// [`crate::request::limit_time`].
pub async fn buffer_body(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        // What asks only to look has nothing to send.
        return next.run(request.map(|_| Body::empty())).await;
    }
    match collect_body(request).await {
        Ok((request, _)) => next.run(request).await,
        Err(error) => ErrorResponse(error).into_response(),
    }
}

/// The body of a request, which is put back; one of more than [`limits::BODY_BYTES`] is refused.
pub async fn collect_body(request: Request) -> Result<(Request, Bytes)> {
    if declared_length(request.headers()) > limits::BODY_BYTES {
        return Err(too_large());
    }
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, limits::BODY_BYTES)
        .collect()
        .await
        .map_err(|error| if error.is::<LengthLimitError>() { too_large() } else { incomplete_body() })?
        .to_bytes();
    Ok((Request::from_parts(parts, Body::from(body.clone())), body))
}
