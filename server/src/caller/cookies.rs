//! What a browser holds, in cookies that scripts cannot read and other sites cannot send along: the proof of a sign-in in
//! two, by what it is known in one, and while the code of a second factor is awaited, that the password was right.

use axum::http::{HeaderMap, HeaderValue, header};
use protocol::session::Tokens;
use std::collections::BTreeMap;

/// A browser takes a cookie of such a name only over TLS and only from the very host it is for, so that neither a
/// neighbour's site nor whoever sits on the line can plant one. Without TLS the names go without it.
const HOST: &str = "__Host-";

/// Holds the access token.
pub const ACCESS: &str = "__Host-lair_access";
/// Holds the refresh token.
pub const REFRESH: &str = "__Host-lair_refresh";

/// Holds by what the browser is known.
pub const DEVICE: &str = "__Host-lair_device";
/// Holds the proof that the password was right.
pub const STEP: &str = "__Host-lair_step";
/// Holds a secret on its way from the form that made it to the page that shows it.
pub const SHOWN: &str = "__Host-lair_shown";

/// Seconds a browser keeps the refresh cookie without coming by; the session behind it may end earlier.
const KEEP: i64 = 180 * 24 * 60 * 60;
/// Seconds a browser remembers by what it is known: as long as browsers let it (RFC 6265bis, 5.5).
const KEEP_DEVICE: i64 = 400 * 24 * 60 * 60;
/// Seconds in which the code must follow the password; the proof itself says so too.
const KEEP_STEP: i64 = 5 * 60;
/// Seconds in which the next page must come.
const KEEP_SHOWN: i64 = 60;

/// What the answer does to the browser's cookies.
#[derive(Clone)]
pub enum Change {
    /// A new access token and its seconds; a new refresh token unless another tab has just got it.
    Set { access: (String, i64), refresh: Option<String>, device: Option<String> },
    /// Signed out.
    Clear,
    /// The password was right, the code is still to come; empty when it has come.
    Step(String),
    /// A secret for the next page, or none any more.
    Shown(Option<String>),
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Tokens never reach a log, not even by accident.
        f.write_str(match self {
            Self::Set { .. } => "Set",
            Self::Clear => "Clear",
            Self::Step(_) => "Step",
            Self::Shown(_) => "Shown",
        })
    }
}

impl Change {
    pub fn pair(tokens: &Tokens) -> Self {
        Self::Set {
            access: (tokens.access_token.clone(), tokens.expires_in),
            refresh: Some(tokens.refresh_token.clone()),
            device: tokens.device.clone(),
        }
    }

    pub const fn access(token: String, seconds: i64) -> Self {
        Self::Set { access: (token, seconds), refresh: None, device: None }
    }

    /// The cookies it is about, each with its new value and the seconds for which it is kept.
    fn cookies(self) -> Vec<(&'static str, (String, i64))> {
        let none = || (String::new(), 0);
        match self {
            Self::Set { access, refresh, device } => {
                let refresh = refresh.map(|token| (REFRESH, (token, KEEP)));
                let device = device.map(|device| (DEVICE, (device, KEEP_DEVICE)));
                [Some((ACCESS, access)), refresh, device].into_iter().flatten().collect()
            }
            Self::Clear => vec![(ACCESS, none()), (REFRESH, none())],
            Self::Step(step) if step.is_empty() => vec![(STEP, none())],
            Self::Step(step) => vec![(STEP, (step, KEEP_STEP))],
            Self::Shown(Some(secret)) => vec![(SHOWN, (secret, KEEP_SHOWN))],
            Self::Shown(None) => vec![(SHOWN, none())],
        }
    }
}

/// What a cookie is called on this connection.
fn named(name: &str, secure: bool) -> &str {
    if secure { name } else { name.trim_start_matches(HOST) }
}

/// One cookie of a request.
pub fn read<'a>(headers: &'a HeaderMap, name: &str, secure: bool) -> Option<&'a str> {
    let name = named(name, secure);
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value)
}

/// Puts changes on an answer, which from then on belongs to one person. Of several that are about one cookie the last
/// holds.
pub fn write(headers: &mut HeaderMap, changes: Vec<Change>, secure: bool) {
    if changes.is_empty() {
        return;
    }
    let mut cookies = BTreeMap::new();
    for change in changes {
        cookies.extend(change.cookies());
    }
    for (name, (value, seconds)) in cookies {
        let (name, secure) = (named(name, secure), if secure { "; Secure" } else { "" });
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
        if let Ok(mut cookie) = HeaderValue::from_str(&cookie) {
            cookie.set_sensitive(true);
            headers.append(header::SET_COOKIE, cookie);
        } else {
            tracing::error!(name, "a token cannot be written as a cookie");
        }
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(changes: Vec<Change>, secure: bool) -> Vec<String> {
        let mut headers = HeaderMap::new();
        write(&mut headers, changes, secure);
        headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn of_several_changes_to_one_cookie_the_last_holds() {
        let device = Some("d".to_owned());
        let set = Change::Set { access: ("new".into(), 900), refresh: Some("r".into()), device };
        let cookies = written(vec![Change::Clear, Change::Step(String::new()), set.clone()], false);
        assert_eq!(cookies.len(), 4, "{cookies:?}");
        assert!(cookies.iter().any(|cookie| cookie.starts_with("lair_access=new; ")), "{cookies:?}");
        assert!(cookies.iter().any(|cookie| cookie.starts_with("lair_step=; ")), "{cookies:?}");
        let cookies = written(vec![set, Change::Clear], false);
        assert!(cookies.iter().any(|cookie| cookie.starts_with("lair_access=; ")), "{cookies:?}");
        assert!(!cookies.iter().any(|cookie| cookie.contains("new")), "{cookies:?}");
    }

    #[test]
    fn over_tls_the_names_bind_the_browser_to_this_host() {
        for cookie in written(vec![Change::Clear, Change::Step("s".into())], true) {
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
