//! What a browser holds, in cookies that scripts cannot read and other sites cannot send along: the proof of a sign-in in
//! two, by what it is known in one, and while the code of a second factor is awaited, that the password was right.

use axum::http::{HeaderMap, HeaderValue, header};
use protocol::session::Tokens;

/// Holds the access token.
pub const ACCESS: &str = "lair_access";
/// Holds the refresh token.
pub const REFRESH: &str = "lair_refresh";

/// Holds by what the browser is known.
pub const DEVICE: &str = "lair_device";
/// Holds the proof that the password was right.
pub const STEP: &str = "lair_step";
/// Holds a secret on its way from the form that made it to the page that shows it.
pub const SHOWN: &str = "lair_shown";

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
}

/// One cookie of a request.
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = pairs.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value)
}

/// Puts a change on an answer, which from then on belongs to one person.
pub fn write(headers: &mut HeaderMap, change: &Change, secure: bool) {
    let mut set = |name: &str, value: &str, seconds: i64| {
        let secure = if secure { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
        if let Ok(mut cookie) = HeaderValue::from_str(&cookie) {
            cookie.set_sensitive(true);
            headers.append(header::SET_COOKIE, cookie);
        } else {
            tracing::error!(name, "a token cannot be written as a cookie");
        }
    };
    match change {
        Change::Set { access: (token, seconds), refresh, device } => {
            set(ACCESS, token, *seconds);
            if let Some(token) = refresh {
                set(REFRESH, token, KEEP);
            }
            if let Some(device) = device {
                set(DEVICE, device, KEEP_DEVICE);
            }
        }
        Change::Clear => {
            set(ACCESS, "", 0);
            set(REFRESH, "", 0);
        }
        Change::Step(step) if step.is_empty() => set(STEP, "", 0),
        Change::Step(step) => set(STEP, step, KEEP_STEP),
        Change::Shown(Some(secret)) => set(SHOWN, secret, KEEP_SHOWN),
        Change::Shown(None) => set(SHOWN, "", 0),
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
