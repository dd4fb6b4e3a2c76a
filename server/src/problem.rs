//! Rendering of errors: one error type in, one problem document (RFC 9457) out, with the id of the request.

mod page;

use crate::request_id::RequestId;
use axum::{
    Json,
    extract::Request,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::audit;
use protocol::error::{Code, Error};

/// An error as a response: [`render`] writes the document, since only it knows the id of the request.
#[derive(Clone, Debug)]
pub struct ErrorResponse(pub Error);

/// The result of every handler.
pub type Reply<T> = Result<T, ErrorResponse>;

impl From<Error> for ErrorResponse {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for ErrorResponse {
    fn into_response(self) -> Response {
        let mut response = status(self.0.code).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The HTTP status of a code.
pub fn status(code: Code) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The error for an unknown path.
pub fn unknown_route() -> ErrorResponse {
    ErrorResponse(Error::new(Code::NotFound, "Unknown endpoint. See /api/docs for all endpoints."))
}

/// The error for a known path with another method; the router adds `Allow`.
pub async fn method_not_allowed() -> ErrorResponse {
    ErrorResponse(Error::new(Code::MethodNotAllowed, "This endpoint doesn't allow this method. See the Allow header."))
}

/// Renders every [`ErrorResponse`]: as a problem document, or for browsers as a small page.
pub async fn render(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone());
    let is_page = !request.uri().path().starts_with("/api/") && accepts_html(request.headers());
    let mut response = next.run(request).await;
    let Some(ErrorResponse(error)) = response.extensions_mut().remove::<ErrorResponse>() else {
        // Pages render temporary errors themselves; only the header is missing.
        if is_temporary(response.status()) {
            response.headers_mut().entry(header::RETRY_AFTER).or_insert(DEFAULT_RETRY_AFTER);
        }
        return response;
    };

    audit::permission_denied(&error);
    let (code, retry_after) = (error.code, error.retry_after);
    let mut rendered = if is_page {
        (status(code), page::error_page(&error, response.extensions())).into_response()
    } else {
        let mut rendered = (status(code), Json(error.problem(id))).into_response();
        rendered.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        rendered
    };
    for (name, value) in response.headers() {
        if *name != header::CONTENT_LENGTH && *name != header::CONTENT_TYPE {
            rendered.headers_mut().append(name, value.clone());
        }
    }
    for (name, value) in status_headers(code) {
        rendered.headers_mut().insert(name, value);
    }
    if let Some(seconds) = retry_after {
        rendered.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    rendered
}

/// Where the error page leads instead of the start page, which may lead nowhere else.
#[derive(Clone, Debug)]
pub struct WayOut(pub String);

/// The text of a message that was not sent, which the error page gives back.
#[derive(Clone, Debug)]
pub struct UnsentText(pub String);

/// Seconds until a retry, if no better value is known.
const DEFAULT_RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// Whether a retry may succeed.
fn is_temporary(status: StatusCode) -> bool {
    matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::INSUFFICIENT_STORAGE)
}

/// Headers that HTTP requires for a status.
fn status_headers(code: Code) -> Vec<(header::HeaderName, HeaderValue)> {
    let mut advice = vec![(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    match status(code) {
        StatusCode::UNAUTHORIZED => {
            advice.push((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"lair\"")));
        }
        StatusCode::REQUEST_TIMEOUT => advice.push((header::CONNECTION, HeaderValue::from_static("close"))),
        status if is_temporary(status) => advice.push((header::RETRY_AFTER, DEFAULT_RETRY_AFTER)),
        _ => {}
    }
    advice
}

/// Whether the client is a browser that shows the response to the user.
pub fn accepts_html(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|value| value.contains("text/html"))
}
