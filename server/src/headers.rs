//! Security headers of every response, and CORS.

use crate::{config::ServerConfig, rate_limit, state::AppState};
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use protocol::session::PAGE_USER_HEADER;
use std::time::Duration;
use tower_http::cors::CorsLayer;

/// For responses that are not pages, and so load nothing.
const API_CSP: &str = "default-src 'none'; frame-ancestors 'none'";
/// Of this host alone: a neighbour below its name may have no TLS.
const HSTS: &str = "max-age=63072000";
const PERMISSIONS_POLICY: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()";

/// Adds the security headers; a header that the route has set is kept.
pub async fn security_headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut set_default = |name, value| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set_default(header::CONTENT_SECURITY_POLICY, API_CSP);
    set_default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set_default(header::CACHE_CONTROL, "private, no-store");
    // Forms that work without scripts redirect to the page they came from, which only the referrer tells.
    set_default(header::REFERRER_POLICY, "same-origin");
    set_default(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set_default(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set_default(HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY);
    if state.config.is_https() {
        set_default(header::STRICT_TRANSPORT_SECURITY, HSTS);
    }
    response
}

/// Lets scripts of the sites that the operator allows use the API, with a Bearer token and never with cookies.
pub fn cors(config: &ServerConfig) -> Option<CorsLayer> {
    let origins: Vec<_> =
        config.allowed_origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect();
    let ours = ["idempotency-key", PAGE_USER_HEADER].map(HeaderName::from_static);
    let exposed =
        ["retry-after", "x-request-id"].map(HeaderName::from_static).into_iter().chain(rate_limit::EXPOSED_HEADERS);
    let cors = CorsLayer::new()
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE].into_iter().chain(ours).collect::<Vec<_>>())
        .expose_headers(exposed.collect::<Vec<_>>())
        .max_age(Duration::from_hours(1));
    (!origins.is_empty()).then(|| cors.allow_origin(origins))
}
