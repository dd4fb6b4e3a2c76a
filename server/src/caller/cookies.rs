//! The browser's cookies, which scripts cannot read and other sites cannot send along: two for the tokens of a session,
//! one for the device, one for a login step while the code of a second factor is awaited, one for a secret to be shown
//! once, and one for what was typed into a form that failed. One more is written by a script: the time zone and hour
//! cycle of the browser ([`protocol::clock::CLOCK_COOKIE`]).

use axum::http::{HeaderMap, HeaderValue, header};
use protocol::session::Tokens;
use std::collections::BTreeMap;

/// Browsers accept a cookie with this prefix only over TLS and only from the very host it is for, so that neither a
/// neighbouring site nor an attacker on the network can plant one. Without TLS, the names have no prefix.
const HOST_PREFIX: &str = "__Host-";

/// The access token.
pub const ACCESS: &str = "__Host-lair_access";
/// The refresh token.
pub const REFRESH: &str = "__Host-lair_refresh";

/// The device cookie.
pub const DEVICE: &str = "__Host-lair_device";
/// The login step, which proves that the password was right.
pub const LOGIN_STEP: &str = "__Host-lair_step";
/// A secret passed from the form that created it to the page that shows it.
pub const FLASH: &str = "__Host-lair_shown";

/// What was typed into a form that failed, so that it does not appear in a URL.
pub const TYPED: &str = "__Host-lair_typed";

/// Longest value with what was typed: with it, the headers of a response fit a proxy that takes 4 KB of them.
const MAX_TYPED: usize = 1_500;
/// Seconds for which a browser keeps the refresh cookie between visits; its session may end earlier.
const REFRESH_MAX_AGE: i64 = 180 * 24 * 60 * 60;
/// Seconds for which a browser keeps the device cookie: as long as browsers allow (RFC 6265bis, 5.5).
const DEVICE_MAX_AGE: i64 = 400 * 24 * 60 * 60;
/// Seconds within which the code must follow the password; the step itself expires then too.
const LOGIN_STEP_MAX_AGE: i64 = 5 * 60;
/// Seconds within which the next page must be requested.
const FLASH_MAX_AGE: i64 = 60;

/// A change of the browser's cookies.
#[derive(Clone)]
pub enum CookieChange {
    /// A new access token and its seconds; a new refresh token unless another tab has just received it.
    Set { access: (String, i64), refresh: Option<String>, device: Option<String> },
    /// Signed out.
    Clear,
    /// The password was right and the code is required; empty once the code was given.
    LoginStep(String),
    /// A secret for the next page; `None` to clear it.
    Flash(Option<String>),
    /// What was typed into a form that failed, for the next page; `None` to clear it.
    Typed(Option<String>),
}

impl std::fmt::Debug for CookieChange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Tokens must never reach a log, not even by accident.
        f.write_str(match self {
            Self::Set { .. } => "Set",
            Self::Clear => "Clear",
            Self::LoginStep(_) => "Step",
            Self::Flash(_) => "Shown",
            Self::Typed(_) => "Typed",
        })
    }
}

impl CookieChange {
    pub fn pair(tokens: &Tokens) -> Self {
        Self::Set {
            access: (tokens.access_token.clone(), tokens.expires_in),
            refresh: Some(tokens.refresh_token.clone()),
            device: tokens.device_cookie.clone(),
        }
    }

    pub const fn access(token: String, seconds: i64) -> Self {
        Self::Set { access: (token, seconds), refresh: None, device: None }
    }

    /// The affected cookies, each with its new value and the seconds for which it is kept.
    fn cookies(self) -> Vec<(&'static str, (String, i64))> {
        let none = || (String::new(), 0);
        match self {
            Self::Set { access, refresh, device } => {
                let refresh = refresh.map(|token| (REFRESH, (token, REFRESH_MAX_AGE)));
                let device = device.map(|device| (DEVICE, (device, DEVICE_MAX_AGE)));
                [Some((ACCESS, access)), refresh, device].into_iter().flatten().collect()
            }
            Self::Clear => vec![(ACCESS, none()), (REFRESH, none())],
            Self::LoginStep(step) if step.is_empty() => vec![(LOGIN_STEP, none())],
            Self::LoginStep(step) => vec![(LOGIN_STEP, (step, LOGIN_STEP_MAX_AGE))],
            Self::Flash(Some(secret)) => vec![(FLASH, (secret, FLASH_MAX_AGE))],
            Self::Flash(None) => vec![(FLASH, none())],
            // It is a convenience: what is too long is typed again.
            Self::Typed(Some(fields)) if fields.len() <= MAX_TYPED => vec![(TYPED, (fields, FLASH_MAX_AGE))],
            Self::Typed(_) => vec![(TYPED, none())],
        }
    }
}

/// The name of a cookie on this connection.
fn cookie_name(name: &str, secure: bool) -> &str {
    if secure { name } else { name.trim_start_matches(HOST_PREFIX) }
}

/// Reads a cookie of a request.
pub fn read<'a>(headers: &'a HeaderMap, name: &str, secure: bool) -> Option<&'a str> {
    let name = cookie_name(name, secure);
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value)
}

/// Sets the changed cookies on a response, which then must not be cached. Of several changes to one cookie, the last
/// wins.
pub fn write(headers: &mut HeaderMap, changes: Vec<CookieChange>, secure: bool) {
    if changes.is_empty() {
        return;
    }
    let mut cookies = BTreeMap::new();
    for change in changes {
        cookies.extend(change.cookies());
    }
    for (name, (value, seconds)) in cookies {
        let (name, secure) = (cookie_name(name, secure), if secure { "; Secure" } else { "" });
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
        if let Ok(mut cookie) = HeaderValue::from_str(&cookie) {
            cookie.set_sensitive(true);
            headers.append(header::SET_COOKIE, cookie);
        } else {
            tracing::error!(name, "cannot write a token as a cookie");
        }
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(changes: Vec<CookieChange>, secure: bool) -> Vec<String> {
        let mut headers = HeaderMap::new();
        write(&mut headers, changes, secure);
        headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn of_several_changes_to_one_cookie_the_last_wins() {
        let device = Some("d".to_owned());
        let set = CookieChange::Set { access: ("new".into(), 900), refresh: Some("r".into()), device };
        let cookies = written(vec![CookieChange::Clear, CookieChange::LoginStep(String::new()), set.clone()], false);
        assert_eq!(cookies.len(), 4, "{cookies:?}");
        assert!(cookies.iter().any(|cookie| cookie.starts_with("lair_access=new; ")), "{cookies:?}");
        assert!(cookies.iter().any(|cookie| cookie.starts_with("lair_step=; ")), "{cookies:?}");
        let cookies = written(vec![set, CookieChange::Clear], false);
        assert!(cookies.iter().any(|cookie| cookie.starts_with("lair_access=; ")), "{cookies:?}");
        assert!(!cookies.iter().any(|cookie| cookie.contains("new")), "{cookies:?}");
    }

    #[test]
    fn over_tls_cookies_have_the_host_prefix() {
        for cookie in written(vec![CookieChange::Clear, CookieChange::LoginStep("s".into())], true) {
            assert!(cookie.starts_with("__Host-lair_") && cookie.ends_with("; Secure"), "{cookie}");
            assert!(cookie.contains("; Path=/; ") && !cookie.contains("Domain"), "{cookie}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("lair_access=planted; __Host-lair_access=ours"));
        assert_eq!(read(&headers, ACCESS, true), Some("ours"));
        assert_eq!(read(&headers, ACCESS, false), Some("planted"));
        headers.insert(header::COOKIE, HeaderValue::from_static("lair_access=planted"));
        assert_eq!(read(&headers, ACCESS, true), None);
    }
}
