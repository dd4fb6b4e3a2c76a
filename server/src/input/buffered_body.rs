//! Bodies that are received before the request is processed.

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

/// Receives the body before the request takes a render permit: a slow client waits alone. Runs inside
/// [`crate::request::limit_time`].
pub async fn buffer_body(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        // Requests with a safe method have no body to receive.
        return next.run(request.map(|_| Body::empty())).await;
    }
    match collect_body(request).await {
        Ok((request, _)) => next.run(request).await,
        Err(error) => ErrorResponse(error).into_response(),
    }
}

/// Reads the body of a request, and restores it; one of more than [`limits::BODY_BYTES`] is rejected.
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
