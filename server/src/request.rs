//! Middleware of every request: an id, a line in the log, a time limit, and a response even after a panic.

use crate::{
    caller,
    problem::ErrorResponse,
    request_id::{self, RequestId},
    state::AppState,
};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::audit::TARGET;
use futures::FutureExt;
use protocol::error::{Code, Error};
use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};
use tracing::{Instrument, Span, field};

/// How long an ordinary request may take, including the arrival of its body.
#[derive(Clone, Copy, Debug)]
struct TimeLimit(Duration);

/// Assigns the id of the request, and logs its result. Paths are logged without their query, which may contain secrets.
pub async fn trace(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let id = RequestId::from_request(&request);
    let header = HeaderValue::from_str(&id.0).ok();
    let (mut parts, body) = request.into_parts();
    let span = span(&state, &id, &parts);
    parts.extensions.insert(id);
    parts.extensions.insert(TimeLimit(state.config.time_limit));
    let request = Request::from_parts(parts, body);
    async move {
        let started = Instant::now();
        let mut response = next.run(request).await;
        let (status, ms) = (response.status().as_u16(), started.elapsed().as_millis());
        if response.extensions().get::<SkipAccessLog>().is_some() {
            tracing::debug!(status, ms, "request completed");
        } else {
            tracing::info!(status, ms, "request completed");
        }
        if let Some(header) = header {
            response.headers_mut().insert(request_id::HEADER, header);
        }
        response
    }
    .instrument(span)
    .await
}

/// The fields of each log line about a request. The client's address precedes what the client chooses: programs that
/// watch the log find it at a fixed position, whatever a path contains.
fn span(state: &AppState, id: &RequestId, request: &Parts) -> Span {
    let client = caller::address(&state.config, request).map(field::display);
    let (method, path) = (&request.method, request.uri.path());
    // At the error level, so that every log line has these fields, however little is logged.
    tracing::error_span!(target: TARGET, "request", id = %id.0, client, %method, path, user = field::Empty)
}

/// Marks a response that is left out of the access log: files, health checks.
#[derive(Clone, Copy, Debug)]
pub struct SkipAccessLog;

/// Adds [`SkipAccessLog`] to the successful responses of a group of routes.
pub async fn skip_access_log(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status().is_success() || response.status().is_redirection() {
        response.extensions_mut().insert(SkipAccessLog);
    }
    response
}

/// Turns a panic into a response; the panic hook has logged it under the id of the request.
pub async fn catch_panic(request: Request, next: Next) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => ErrorResponse(Error::internal()).into_response(),
    }
}

/// Aborts a request that takes too long; the rest of its body is not waited for, so its connection is closed.
pub async fn limit_time(request: Request, next: Next) -> Response {
    let Some(TimeLimit(limit)) = request.extensions().get().copied() else { return next.run(request).await };
    let response = tokio::time::timeout(limit, next.run(request)).await;
    response.unwrap_or_else(|_| {
        let detail = format!("The request took longer than {} seconds. Try again.", limit.as_secs());
        ErrorResponse(Error::new(Code::TimedOut, detail)).into_response()
    })
}
