//! What every answer tells the browser not to do.

use crate::{config::Config, pace, state::Lair};
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use protocol::session::PAGE_USER_HEADER;
use std::time::Duration;
use tower_http::cors::CorsLayer;

/// For answers that are not pages, and so need nothing.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";
const TWO_YEARS_OF_TLS: &str = "max-age=63072000; includeSubDomains";
const NO_DEVICES: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()";

/// Adds the headers that keep an answer from being misused; a route's own word wins.
pub async fn protect(State(lair): State<Lair>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut say = |name, value| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    say(header::CONTENT_SECURITY_POLICY, NOTHING);
    say(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    say(header::CACHE_CONTROL, "private, no-store");
    // Forms that work without scripts go back to where they came from, which only the referrer says.
    say(header::REFERRER_POLICY, "same-origin");
    say(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    say(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    say(HeaderName::from_static("permissions-policy"), NO_DEVICES);
    if lair.config.is_https() {
        say(header::STRICT_TRANSPORT_SECURITY, TWO_YEARS_OF_TLS);
    }
    response
}

/// Lets the scripts of the sites that the operator names use the API, with a Bearer token and never with cookies.
pub fn cors(config: &Config) -> Option<CorsLayer> {
    let origins: Vec<_> =
        config.allowed_origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect();
    let ours = ["idempotency-key", PAGE_USER_HEADER].map(HeaderName::from_static);
    let told = ["retry-after", "x-request-id"].map(HeaderName::from_static).into_iter().chain(pace::TOLD);
    let cors = CorsLayer::new()
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE].into_iter().chain(ours).collect::<Vec<_>>())
        .expose_headers(told.collect::<Vec<_>>())
        .max_age(Duration::from_hours(1));
    (!origins.is_empty()).then(|| cors.allow_origin(origins))
}
