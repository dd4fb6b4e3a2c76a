//! Bodies that are there before anything is done for them.

use super::{broken_off, declared_length, too_large};
use crate::problem::Failure;
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
pub async fn read_whole(request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        // What asks only to look has nothing to send.
        return next.run(request.map(|_| Body::empty())).await;
    }
    match whole(request).await {
        Ok((request, _)) => next.run(request).await,
        Err(error) => Failure(error).into_response(),
    }
}

/// The body of a request, which is put back; one of more than [`limits::BODY_BYTES`] is refused.
pub async fn whole(request: Request) -> Result<(Request, Bytes)> {
    if declared_length(request.headers()) > limits::BODY_BYTES {
        return Err(too_large());
    }
    let (parts, body) = request.into_parts();
    let body = Limited::new(body, limits::BODY_BYTES)
        .collect()
        .await
        .map_err(|error| if error.is::<LengthLimitError>() { too_large() } else { broken_off() })?
        .to_bytes();
    Ok((Request::from_parts(parts, Body::from(body.clone())), body))
}
