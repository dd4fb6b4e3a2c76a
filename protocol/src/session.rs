//! Signing in, and who is asking.

use crate::{
    column::text_column,
    id::{SessionId, UserId},
    time::Time,
    user::{Role, User},
};
use serde::{Deserialize, Serialize};

/// The header in which a request says whose page or client it is of.
pub const PAGE_USER_HEADER: &str = "lair-user";
/// The field in which a form says it, or the query where its body is a file.
pub const PAGE_USER_FIELD: &str = "lair_user";

/// How far the proof that a caller showed reaches, whatever their role. Each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// A personal access token that may only look.
    Read,
    /// One that may also say and change things.
    Write,
    /// One that may also run the service, if its person may.
    Admin,
    /// A sign-in: may also change how the person signs in.
    Full,
}

text_column!(Access { Read = "read", Write = "write", Admin = "admin", Full = "full" });

/// Who asks: made only by checking a token. To hold one is to be signed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The person.
    pub user_id: UserId,
    /// Their sign-in on this device.
    pub session_id: SessionId,
    /// What they may do.
    pub role: Role,
    /// How far their proof reaches.
    pub access: Access,
}

/// Where a request comes from, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// The address of the nearest untrusted hop.
    pub ip: String,
    /// What the software calls itself.
    pub user_agent: String,
    /// What a browser remembers to be known by, empty when it does not yet; `None` for other programs.
    pub device_cookie: Option<String>,
}

/// The proof of a sign-in, for API clients; the browser holds the same in `HttpOnly` cookies.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tokens {
    /// For the `Authorization: Bearer` header.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until the access token expires.
    pub expires_in: i64,
    /// Good for one `POST /auth/refresh`.
    pub refresh_token: String,
    /// Who signed in.
    pub user: User,
    /// This sign-in.
    pub session_id: SessionId,
    /// What the browser is to remember, so that it is known the next time.
    #[serde(skip)]
    pub device_cookie: Option<String>,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Secrets never reach a log, not even by accident.
        f.debug_struct("Tokens").field("session_id", &self.session_id).finish_non_exhaustive()
    }
}

/// How far a personal access token reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// It may only look.
    Read,
    /// It may also say and change things.
    Write,
    /// It may also run the service, if its person may.
    Admin,
}

impl Scope {
    /// What it is called.
    pub const fn as_str(self) -> &'static str {
        self.access().as_str()
    }

    /// What it gives.
    pub const fn access(self) -> Access {
        match self {
            Self::Read => Access::Read,
            Self::Write => Access::Write,
            Self::Admin => Access::Admin,
        }
    }
}

/// A sign-in on one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Whether it is the one that asks.
    pub current: bool,
    /// What its person calls it; browser and device until they give it a name.
    pub label: String,
    /// The machine or its system.
    pub device: String,
    /// The browser, or another kind of program.
    pub browser: String,
    /// The address it was last renewed from.
    pub ip: String,
    /// When it began.
    pub created_at: Time,
    /// When it was last used, to a minute or so.
    pub last_seen_at: Time,
    /// When it ends if it is not used.
    pub expires_at: Time,
}

/// What a session runs on, in words.
pub fn describe_client(browser: &str, device: &str) -> String {
    format!("{browser} on {device}")
}

/// How often and on what a person signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionStats {
    /// Sign-ins that are not over.
    pub active: i64,
    /// The same by device and browser, the most frequent first, at most 20.
    pub by_device: Vec<DeviceCount>,
    /// Sign-ins begun on each of the last 30 days (UTC) that had any, those that are over too, the latest first.
    pub by_day: Vec<DayCount>,
}

/// Sign-ins on one kind of device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "storage", derive(sqlx::FromRow))]
pub struct DeviceCount {
    /// The machine or its system.
    pub device: String,
    /// The browser, or another kind of program.
    pub browser: String,
    /// How many.
    pub sessions: i64,
}

/// Sign-ins begun on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayCount {
    /// The day in UTC, as `2026-11-19`.
    pub day: String,
    /// How many.
    pub sessions: i64,
}

/// A token for a program that acts for its person. It is a session of its own kind: no password, no renewal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessToken {
    /// Which.
    pub id: SessionId,
    /// What it is for.
    pub label: String,
    /// How far it reaches.
    pub scope: Scope,
    /// When it was made.
    pub created_at: Time,
    /// When it was last used, to a minute or so; null when it never was.
    pub last_used_at: Option<Time>,
    /// When it ends; null when it does not.
    pub expires_at: Option<Time>,
    /// For the `Authorization: Bearer` header. Only in the answer that makes it: it is kept as a hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl std::fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Secrets never reach a log, not even by accident.
        f.debug_struct("AccessToken").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Where signing in stands after the password.
#[derive(Debug)]
pub enum LoginStep {
    /// Signed in.
    Done(Box<Tokens>),
    /// The code is still to come, within 5 minutes; this proves that the password was right.
    TotpRequired(String),
}

/// Whether signing in needs a code as well.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecondFactor {
    /// Whether it does.
    pub enabled: bool,
    /// Since when; null when it does not.
    pub enabled_at: Option<Time>,
    /// Recovery codes that are not used up.
    pub recovery_codes_left: i64,
}

/// A second factor that is being set up: it counts once a code of it is given.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FactorSetup {
    /// What the authenticator app is to know, in base32.
    pub secret: String,
    /// The same as a link that such apps read.
    pub otpauth_url: String,
    /// The link as a QR code: an SVG image.
    pub qr_svg: String,
}

/// Recovery codes: each is good for one sign-in without the authenticator app. Told once; kept as hashes.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecoveryCodes {
    /// All of them; those made before are void.
    pub codes: Vec<String>,
}
