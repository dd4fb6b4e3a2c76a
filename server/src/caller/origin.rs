//! Protection against cross-site requests. Browsers send cookies with requests that other sites trigger, so a
//! state-changing request that relies on cookies must come from one of our own pages.

use super::{CredentialKind, Identity, Peer};
use crate::{config::ServerConfig, problem::ErrorResponse, state::AppState};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use protocol::error::{Code, Error, Result};
use std::sync::Arc;

/// Rejects cross-site requests. Forms are always checked, since signing a user in to another account is an attack too;
/// the API only if it relies on cookies. Runs inside [`super::identify`].
pub async fn require_same_origin(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let by_cookie = request
        .extensions()
        .get::<Arc<Identity>>()
        .is_some_and(|identity| identity.credential == CredentialKind::Cookie);
    let is_form = !request.uri().path().starts_with("/api/");
    let checked = !request.method().is_safe() && (by_cookie || is_form);
    if checked && !is_same_origin(&state.config, request.headers()) {
        return ErrorResponse(cross_site()).into_response();
    }
    next.run(request).await
}

/// Checks the origin of a WebSocket: browsers let any site open one with our cookies, but send the site's true origin.
pub fn require_socket_origin(config: &ServerConfig, identity: &Identity, headers: &HeaderMap) -> Result<()> {
    if identity.credential == CredentialKind::Cookie && !is_own_origin(config, headers) {
        Err(cross_site())
    } else {
        Ok(())
    }
}

fn cross_site() -> Error {
    let detail = "This request seems to come from another site. Use the pages of this server, or a Bearer token. \
        If the server is behind a proxy, its operator must set LAIR_PUBLIC_URL.";
    Error::new(Code::CrossSite, detail)
}

fn is_same_origin(config: &ServerConfig, headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    matches!(site, Some("same-origin" | "none")) || is_own_origin(config, headers)
}

/// Origins that may call the API with a Bearer token (`allowed_origins`) are not ours: cookies give them nothing. For
/// the public URL the scheme must match too: a page of that host without TLS may be forged.
fn is_own_origin(config: &ServerConfig, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(origin) = text(header::ORIGIN) else { return false };
    let Some((_, host)) = origin.split_once("://") else { return false };
    match &config.public_url {
        Some(url) if url.authority() == host => url.origin == origin,
        _ => Some(host) == text(header::HOST),
    }
}

/// Whether the browser connected over TLS.
pub fn is_secure(config: &ServerConfig, request: &Parts) -> bool {
    let is_forwarded_https = || {
        let peer = request.extensions.get::<Peer>().map(|peer| peer.0.ip().to_canonical());
        let trusted = peer.is_some_and(|ip| config.trusted_proxies.iter().any(|network| network.contains(&ip)));
        trusted && request.headers.get("x-forwarded-proto").is_some_and(|value| value == "https")
    };
    config.is_https() || is_forwarded_https()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn same(headers: &[(&'static str, &str)], public_url: Option<&str>) -> bool {
        let raw = crate::config::RawConfig { public_url: public_url.map(str::to_owned), ..Default::default() };
        let config = raw.check().unwrap();
        let headers = headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap()));
        is_same_origin(&config, &headers.collect())
    }

    #[test]
    fn only_our_own_origin_is_same_origin() {
        let host = ("host", "lair.example");
        assert!(same(&[host, ("origin", "http://lair.example")], None));
        assert!(same(&[host, ("sec-fetch-site", "same-origin")], None));
        assert!(same(&[("host", "inner:3000"), ("origin", "https://lair.example")], Some("https://lair.example/")));
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "lair.example"),
            ("origin", "http://lair.example.evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("referer", "http://lair.example/"),
        ] {
            assert!(!same(&[host, (name, value)], None), "{name}: {value}");
        }
        // The same name without TLS, although there is TLS; by its address the server is still reached.
        let public = Some("https://lair.example");
        assert!(!same(&[host, ("origin", "http://lair.example")], public));
        assert!(same(&[host, ("origin", "https://lair.example")], public));
        assert!(same(&[("host", "127.0.0.1:3000"), ("origin", "http://127.0.0.1:3000")], public));
        assert!(!same(&[("host", "127.0.0.1:3000"), ("origin", "http://127.0.0.1:3001")], public));
    }
}
