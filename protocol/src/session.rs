//! Signing in, and who is asking.

use crate::{
    column::text_column,
    id::{SessionId, UserId},
    user::{Role, User},
};
use serde::{Deserialize, Serialize};

/// How far the proof that a caller showed reaches, whatever their role. Each includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
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
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Secrets never reach a log, not even by accident.
        f.debug_struct("Tokens").field("session_id", &self.session_id).finish_non_exhaustive()
    }
}
