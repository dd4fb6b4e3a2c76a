//! The page that answers a refused form whose text is too long for a redirect.

use super::page_request;
use crate::problem;
use app::RefusedFormSlot;
use axum::{
    Router,
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::Response,
};
use tower::ServiceExt;

/// Replaces the response to a refused form with its page.
pub async fn show(State(pages): State<Router>, request: Request, next: Next) -> Response {
    if request.method() != Method::POST || !problem::accepts_html(request.headers()) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let slot = RefusedFormSlot::default();
    parts.extensions.insert(slot.clone());
    let response = next.run(Request::from_parts(parts.clone(), body)).await;
    let Some(refused) = slot.get() else { return response };
    parts.extensions.insert(refused.clone());
    match pages.oneshot(page_request(parts, &refused.page)).await {
        Ok(mut page) => {
            *page.status_mut() = StatusCode::from_u16(refused.failure.code().status()).unwrap_or_default();
            page
        }
        Err(never) => match never {},
    }
}
