//! Sessions, access tokens and the caller of a request.

use crate::{
    column::text_column,
    id::{SessionId, UserId},
    time::Time,
    user::{Role, User},
};
use serde::{Deserialize, Serialize};

/// The header that names the user whose page or client sent the request.
pub const PAGE_USER_HEADER: &str = "lair-user";
/// The same as a field of a form, or as a query parameter where the body is a file.
pub const PAGE_USER_FIELD: &str = "lair_user";

/// What the credential of a caller may do, whatever their role. Each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// A personal access token that may only read.
    Read,
    /// A token that may also send messages and change data.
    Write,
    /// A token that may also administer the service, if the user's role permits it.
    Admin,
    /// A session: may also change the user's credentials.
    Full,
}

text_column!(Access { Read = "read", Write = "write", Admin = "admin", Full = "full" });

/// The caller of a request: created only by checking a token, so having one means being signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The user.
    pub user_id: UserId,
    /// The user's session on this device, or the personal access token.
    pub session_id: SessionId,
    /// The user's role.
    pub role: Role,
    /// What the caller's credential may do.
    pub access: Access,
}

/// The client that sent a request, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The IP address of the nearest untrusted hop.
    pub ip: String,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// The device cookie of a browser, empty if it has none yet; `None` for other programs.
    pub device_cookie: Option<String>,
}

/// The tokens of a session, for API clients; the browser holds them in `HttpOnly` cookies.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tokens {
    /// For the `Authorization: Bearer` header.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// Valid for one `POST /auth/refresh`.
    pub refresh_token: String,
    /// The user who signed in.
    pub user: User,
    /// The new session.
    pub session_id: SessionId,
    /// The device cookie, by which the browser is recognised at the next sign-in.
    #[serde(skip)]
    pub device_cookie: Option<String>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Secrets must never reach a log, not even by accident.
        f.debug_struct("Tokens").field("session_id", &self.session_id).finish_non_exhaustive()
    }
}

/// What a personal access token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// May only read.
    Read,
    /// May also send messages and change data.
    Write,
    /// May also administer the service, if the user's role permits it.
    Admin,
}

impl Scope {
    /// The name of the scope.
    pub const fn as_str(self) -> &'static str {
        self.access().as_str()
    }

    /// The access that the scope grants.
    pub const fn access(self) -> Access {
        match self {
            Self::Read => Access::Read,
            Self::Write => Access::Write,
            Self::Admin => Access::Admin,
        }
    }
}

/// A session: a sign-in on one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// The session's id.
    pub id: SessionId,
    /// Whether it is the session of the caller.
    pub current: bool,
    /// The name that the user gave it; browser and device by default.
    pub label: String,
    /// The device or its operating system.
    pub device: String,
    /// The browser, or another kind of program.
    pub browser: String,
    /// The IP address from which it was last refreshed.
    pub ip: String,
    /// When it was created.
    pub created_at: Time,
    /// When it was last used, to a minute or so.
    pub last_seen_at: Time,
    /// When it expires if it is not used.
    pub expires_at: Time,
}

/// A description of a session's browser and device.
pub fn describe_client(browser: &str, device: &str) -> String {
    format!("{browser} on {device}")
}

/// Statistics on a user's sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionStats {
    /// How many sessions are active.
    pub active: i64,
    /// Active sessions by device and browser, the most frequent first, at most 20.
    pub by_device: Vec<DeviceCount>,
    /// Sessions created on each of the last 30 days (UTC) that had any, including ended ones, the latest day first.
    pub by_day: Vec<DayCount>,
}

/// The number of sessions on one kind of device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "storage", derive(sqlx::FromRow))]
pub struct DeviceCount {
    /// The device or its operating system.
    pub device: String,
    /// The browser, or another kind of program.
    pub browser: String,
    /// How many sessions there are.
    pub sessions: i64,
}

/// The number of sessions created on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayCount {
    /// The day in UTC, as `2026-11-19`.
    pub day: String,
    /// How many sessions were created.
    pub sessions: i64,
}

/// A token for a program that acts for a user. It is stored as a session of its own kind: no password, no refresh.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessToken {
    /// The token's id.
    pub id: SessionId,
    /// What it is for.
    pub label: String,
    /// What it may do.
    pub scope: Scope,
    /// When it was created.
    pub created_at: Time,
    /// When it was last used, to a minute or so; null if it never was.
    pub last_used_at: Option<Time>,
    /// When it expires; null if it does not.
    pub expires_at: Option<Time>,
    /// For the `Authorization: Bearer` header. Present only in the response that creates it: only a hash is stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Secrets must never reach a log, not even by accident.
        f.debug_struct("AccessToken").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The state of a sign-in after the password.
#[derive(Debug)]
pub enum LoginStep {
    /// Signed in.
    Done(Box<Tokens>),
    /// The code is required within 5 minutes; this text proves that the password was right.
    TotpRequired(String),
}

/// Whether signing in requires a second factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecondFactor {
    /// Whether it is enabled.
    pub enabled: bool,
    /// When it was enabled; null if it is not.
    pub enabled_at: Option<Time>,
    /// How many recovery codes are unused.
    pub recovery_codes_left: i64,
}

/// A second factor being set up: it is enabled once a code confirms it.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FactorSetup {
    /// The secret for the authenticator app, in base32.
    pub secret: String,
    /// The secret as a link that such apps read.
    pub otpauth_url: String,
    /// The link as a QR code: an SVG image.
    pub qr_svg: String,
}

/// Recovery codes: each is valid for one sign-in without the authenticator app. Shown once; stored as hashes.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryCodes {
    /// All of them; earlier codes are void.
    pub codes: Vec<String>,
}
