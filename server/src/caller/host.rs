//! Checks the host name of a request. Another site can point its own name to our address (DNS rebinding), and browsers
//! then treat us as a part of that site; but they send the name that they connected to.

use crate::{
    config::ServerConfig,
    problem::{ErrorResponse, WayOut},
    state::AppState,
};
use axum::{
    extract::{Request, State},
    http::{Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use protocol::error::{Code, Error, Result};
use std::net::{IpAddr, Ipv6Addr};

/// Rejects requests to a name that is not ours, before anything is done.
pub async fn require_own_host(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match check(&state.config, &request) {
        Ok(()) => next.run(request).await,
        Err(error) => {
            let mut response = ErrorResponse(error).into_response();
            if let Some(url) = &state.config.public_url {
                response.extensions_mut().insert(WayOut(url.origin.clone()));
            }
            response
        }
    }
}

/// Checks all names in the request: if two differ, one of them is forged. A request without any is not from a browser.
fn check(config: &ServerConfig, request: &Request) -> Result<()> {
    let hosts = request.headers().get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or_default());
    for host in request.uri().authority().map(Authority::as_str).into_iter().chain(hosts) {
        if !is_own_host(config, host) {
            return Err(unknown_host(host, request.uri()));
        }
    }
    Ok(())
}

/// Whether no other site can have this name. An IP address is not a name that could be rebound.
fn is_own_host(config: &ServerConfig, host: &str) -> bool {
    let Some(name) = name(host) else { return false };
    let ours = config.public_url.as_ref().and_then(|url| self::name(url.authority()));
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok()
        || name.strip_prefix('[').and_then(|name| name.strip_suffix(']')?.parse::<Ipv6Addr>().ok()).is_some()
        || ours.is_some_and(|ours| ours == name)
        || config.allowed_hosts.contains(&name)
}

/// The name in a host with or without a port, normalised for comparison.
fn name(host: &str) -> Option<String> {
    let authority: Authority = host.parse().ok()?;
    let name = authority.host();
    // Nothing may precede it, and only a port may follow it.
    let rest = host.strip_prefix(name)?;
    let is_port = |rest: &str| rest.strip_prefix(':').is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()));
    (rest.is_empty() || is_port(rest)).then(|| name.trim_end_matches('.').to_ascii_lowercase())
}

fn unknown_host(host: &str, uri: &Uri) -> Error {
    let scheme = uri.scheme_str().unwrap_or("http");
    // The message repeats only a plausible host name, whatever was sent.
    let plain = |host: &&str| {
        (1..=255).contains(&host.len()) && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
    };
    let host = Some(host).filter(plain).unwrap_or("chat.lan:3000");
    let bare = host.split(':').next().unwrap_or_default();
    let detail = format!(
        "This server doesn't accept requests for this host name. Ask its administrator for its address. If you run \
         it, start it with LAIR_PUBLIC_URL={scheme}://{host} (https:// behind a proxy with TLS), or with LAIR_ALLOWED_HOSTS={bare} for \
         an additional name."
    );
    Error::new(Code::UnknownHost, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RawConfig;

    #[test]
    fn only_own_hosts_are_accepted() {
        let raw = RawConfig {
            public_url: Some("https://Chat.example.org:8443".into()),
            allowed_hosts: Some(vec!["Chat.LAN".into()]),
            ..RawConfig::default()
        };
        let config = raw.check().unwrap();
        for host in [
            "chat.example.org",
            "CHAT.example.org:8443",
            "chat.example.org.",
            "localhost",
            "LocalHost:3000",
            "lair.localhost:3000",
            "127.0.0.1:3000",
            "127.9.9.9",
            "[::1]:3000",
            "[2001:db8::1]",
            "192.0.2.1:80",
            "chat.lan:3000",
        ] {
            assert!(is_own_host(&config, host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:3000",
            "chat.example.org.evil.example",
            "evilchat.example.org",
            "x.chat.example.org",
            "localhost.evil.example",
            "evillocalhost",
            "127.0.0.1.evil.example",
            "127.0.0.1@evil.example",
            "evil.example@127.0.0.1",
            "127.0.0.1:80:evil.example",
            "[::1].evil.example",
            "localhost evil.example",
            "localhost,evil.example",
        ] {
            assert!(!is_own_host(&config, host), "{host}");
        }
    }

    #[test]
    fn the_error_repeats_only_valid_host_names() {
        let uri = Uri::from_static("/");
        let detail = unknown_host("chat.lan:8080", &uri).detail;
        assert!(
            detail.contains("LAIR_PUBLIC_URL=http://chat.lan:8080 ") && detail.contains("LAIR_ALLOWED_HOSTS=chat.lan ")
        );
        for host in ["<script>", "a b", &"x".repeat(300), ""] {
            assert!(unknown_host(host, &uri).detail.contains("//chat.lan:3000 "), "{host}");
        }
    }
}
