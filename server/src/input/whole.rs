//! Bodies that are there before anything is done for them.

use super::{broken_off, too_large};
use crate::problem::Failure;
use axum::{
    body::Body,
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, LengthLimitError};
use protocol::error::Error;

/// Lets a body arrive before what follows takes a turn for it: who sends slowly waits alone. Inside
/// [`crate::request::limit_size`], which bounds what is kept, and [`crate::request::limit_time`].
pub async fn read_whole(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    // What asks only to look has nothing to send.
    let body = if parts.method.is_safe() { Ok(Body::empty()) } else { whole(body).await };
    match body {
        Ok(body) => next.run(Request::from_parts(parts, body)).await,
        Err(error) => Failure(error).into_response(),
    }
}

async fn whole(body: Body) -> Result<Body, Error> {
    let body = body.collect().await.map_err(|error| {
        let is_large = error.into_inner().is::<LengthLimitError>();
        if is_large { too_large() } else { broken_off() }
    })?;
    Ok(Body::from(body.to_bytes()))
}
