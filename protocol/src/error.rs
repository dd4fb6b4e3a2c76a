//! The one error type of every layer. It contains only what the caller may see; causes are logged where they occur.

use serde::{Deserialize, Serialize};

/// A stable error code; each has one HTTP status and one title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The request cannot be parsed.
    Malformed,
    /// The cursor is not valid.
    InvalidCursor,
    /// The request has no valid token.
    NotSignedIn,
    /// The login or the password is wrong.
    WrongCredentials,
    /// The password is right, but the account is deactivated.
    Deactivated,
    /// The password is right, but the code of the second factor is missing.
    TotpRequired,
    /// The code of the second factor is wrong or was used before.
    WrongTotp,
    /// The refresh token is unknown, expired or was used before.
    InvalidRefreshToken,
    /// The first registration on a publicly reachable server requires the setup code printed at startup.
    SetupCodeRequired,
    /// The caller must confirm their password.
    PasswordRequired,
    /// Registration is closed.
    RegistrationClosed,
    /// Registration requires an invitation.
    InvitationRequired,
    /// The invitation is used up, expired, revoked or unknown.
    InvalidInvitation,
    /// The link is used up, expired, replaced by a newer one or unknown.
    InvalidLink,
    /// This server does not send email.
    NoMail,
    /// A state-changing request with cookies came from another site.
    CrossSite,
    /// The caller does not have the permission.
    Forbidden,
    /// The caller is not a member of the room.
    NotAMember,
    /// The user is already a member of the room.
    AlreadyMember,
    /// The user is in the maximum number of rooms.
    TooManyRooms,
    /// The resource does not exist or is not visible to the caller.
    NotFound,
    /// The path exists, but not with this method.
    MethodNotAllowed,
    /// A second factor is already enabled.
    FactorExists,
    /// The maximum number of these is reached.
    TooMany,
    /// The `client_id` was used for another message.
    ClientIdReused,
    /// The `Idempotency-Key` was used for another request.
    IdempotencyKeyReused,
    /// The username is taken.
    UsernameTaken,
    /// Another account has this email address.
    EmailTaken,
    /// Another public room has this name.
    RoomNameTaken,
    /// Membership of the Lobby is fixed: everyone but guests is a member.
    LobbyMembershipFixed,
    /// The members of a direct or group room never change.
    DirectMembersFixed,
    /// The service would be left without an administrator.
    LastAdmin,
    /// The room is archived: it can be read, and left, but not changed.
    RoomArchived,
    /// The room has its maximum number of members.
    RoomFull,
    /// The user is banned from the room.
    Banned,
    /// A moderator muted the caller in the room.
    Muted,
    /// The caller must wait before their next message in the room.
    SlowMode,
    /// The room would be left without an owner.
    LastOwner,
    /// The message was deleted.
    MessageDeleted,
    /// The message is room activity, which can be neither edited nor deleted.
    RoomActivity,
    /// The page or client that sent the request belongs to another user than its cookies or token.
    OtherUser,
    /// The request is larger than the server accepts.
    TooLarge,
    /// The request took too long to arrive or to answer.
    TimedOut,
    /// The media type of the body is not supported by this route.
    WrongMediaType,
    /// The request was sent to a host name that this server does not have.
    UnknownHost,
    /// The request can be parsed, but a field is invalid.
    Invalid,
    /// There is no such WebSocket command.
    UnknownCommand,
    /// A rate limit was exceeded.
    RateLimited,
    /// The maximum number of open connections is reached.
    TooManyConnections,
    /// The server is overloaded or not ready.
    Busy,
    /// The server's disk is full: nothing is stored until there is space again.
    DiskFull,
    /// An internal error; the log has the cause under the request id.
    Internal,
}

impl Code {
    /// The code as it is sent.
    pub fn word(self) -> String {
        serde_json::to_value(self).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The HTTP status of the code.
    pub const fn status(self) -> u16 {
        match self {
            Self::Malformed | Self::InvalidCursor | Self::UnknownCommand => 400,
            Self::NotSignedIn
            | Self::WrongCredentials
            | Self::TotpRequired
            | Self::WrongTotp
            | Self::InvalidRefreshToken => 401,
            Self::Forbidden
            | Self::NotAMember
            | Self::CrossSite
            | Self::SetupCodeRequired
            | Self::PasswordRequired
            | Self::RegistrationClosed
            | Self::InvitationRequired
            | Self::InvalidInvitation
            | Self::Banned
            | Self::Muted
            | Self::Deactivated => 403,
            Self::NotFound | Self::InvalidLink => 404,
            Self::MethodNotAllowed => 405,
            Self::TimedOut => 408,
            Self::FactorExists
            | Self::TooMany
            | Self::AlreadyMember
            | Self::TooManyRooms
            | Self::ClientIdReused
            | Self::IdempotencyKeyReused
            | Self::UsernameTaken
            | Self::EmailTaken
            | Self::RoomNameTaken
            | Self::LobbyMembershipFixed
            | Self::DirectMembersFixed
            | Self::LastAdmin
            | Self::RoomArchived
            | Self::RoomFull
            | Self::LastOwner
            | Self::MessageDeleted
            | Self::OtherUser
            | Self::NoMail => 409,
            Self::TooLarge => 413,
            Self::WrongMediaType => 415,
            Self::UnknownHost => 421,
            Self::Invalid | Self::RoomActivity => 422,
            Self::RateLimited | Self::SlowMode | Self::TooManyConnections => 429,
            Self::Internal => 500,
            Self::Busy => 503,
            Self::DiskFull => 507,
        }
    }

    /// The title of the code.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Malformed => "Malformed request",
            Self::InvalidCursor => "Invalid cursor",
            Self::NotSignedIn => "Not signed in",
            Self::WrongCredentials => "Wrong username or password",
            Self::Deactivated => "This account is deactivated",
            Self::TotpRequired => "Code required",
            Self::WrongTotp => "Wrong code",
            Self::InvalidRefreshToken => "Sign in again",
            Self::SetupCodeRequired => "Setup code required",
            Self::PasswordRequired => "Confirm your password",
            Self::RegistrationClosed => "Sign-up is closed",
            Self::InvitationRequired => "Sign-up is by invitation only",
            Self::InvalidInvitation => "This invite link is no longer valid",
            Self::InvalidLink => "This link is no longer valid",
            Self::NoMail => "This server can't send email",
            Self::CrossSite => "Cross-site request blocked",
            Self::Forbidden => "Permission denied",
            Self::NotAMember => "Not a member of this room",
            Self::AlreadyMember => "Already a member of this room",
            Self::TooManyRooms => "Too many rooms",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::FactorExists => "Two-factor authentication is already on",
            Self::TooMany => "Limit reached",
            Self::ClientIdReused => "client_id already used",
            Self::IdempotencyKeyReused => "Idempotency-Key already used",
            Self::UsernameTaken => "That username is taken",
            Self::EmailTaken => "That email is already in use",
            Self::RoomNameTaken => "That room name is taken",
            Self::LobbyMembershipFixed => "The Lobby's members can't be changed",
            Self::DirectMembersFixed => "The members of a conversation can't be changed",
            Self::LastAdmin => "An administrator is required",
            Self::RoomArchived => "This room is archived",
            Self::RoomFull => "This room is full",
            Self::Banned => "Banned from this room",
            Self::Muted => "Muted in this room",
            Self::SlowMode => "Slow mode is on",
            Self::LastOwner => "An owner is required",
            Self::MessageDeleted => "The message was deleted",
            Self::RoomActivity => "Not a message of a user",
            Self::OtherUser => "Someone else is signed in",
            Self::TooLarge => "Too large",
            Self::TimedOut => "Request timed out",
            Self::WrongMediaType => "Unsupported media type",
            Self::UnknownHost => "Unknown host name",
            Self::Invalid => "Check what you entered",
            Self::UnknownCommand => "Unknown command",
            Self::RateLimited => "Too many requests",
            Self::TooManyConnections => "Too many connections",
            Self::Busy => "Server busy",
            Self::DiskFull => "The server's disk is full",
            Self::Internal => "Server error",
        }
    }
}

/// An error in one field of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field, as it is named in the request.
    pub field: String,
    /// A stable code: `required`, `too_short`, `too_long`, `too_weak`, `wrong`, `taken`, `invalid`, `unknown`,
    /// `wrong_type`.
    pub code: String,
    /// How to fix it, for people.
    pub message: String,
}

impl FieldError {
    /// Creates an error of a field.
    pub fn new(field: &str, code: &str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.into(), message: message.into() }
    }
}

/// An error, as the caller sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// The stable code.
    pub code: Code,
    /// What happened and what to do, for people.
    pub detail: String,
    /// For [`Code::Invalid`], each invalid field; for readiness, each part that is not ready.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// For [`Code::RateLimited`], [`Code::SlowMode`], [`Code::Muted`] with an end, [`Code::TooManyConnections`] and
    /// [`Code::DiskFull`], seconds to wait before a retry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

/// The result of every fallible operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Creates an error with a detail for people.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    /// A rate limit was exceeded: `what` is a sentence about it, `seconds` the time to wait.
    pub fn rate_limited(what: &str, seconds: u32) -> Self {
        Self::wait(Code::RateLimited, what, seconds)
    }

    /// The caller must wait: `what` is a sentence about it, `seconds` the time to wait.
    pub fn wait(code: Code, what: &str, seconds: u32) -> Self {
        let seconds = seconds.max(1);
        let when = match seconds {
            1 => "in a second".to_owned(),
            2..=90 => format!("in {seconds} seconds"),
            91..=5_400 => format!("in {} minutes", seconds.div_ceil(60)),
            5_401..=172_800 => format!("in {} hours", seconds.div_ceil(60 * 60)),
            _ => format!("in {} days", seconds.div_ceil(24 * 60 * 60)),
        };
        Self { retry_after: Some(seconds), ..Self::new(code, format!("{what} Try again {when}.")) }
    }

    /// The caller is the last owner of the room, and others could own it.
    pub fn last_owner() -> Self {
        Self::new(Code::LastOwner, "You're the only owner of this room. Hand it over to another member first.")
    }

    /// The room is archived.
    pub fn room_archived() -> Self {
        Self::new(Code::RoomArchived, "This room is archived, so it can only be read. Its owner can restore it.")
    }

    /// A user who is not a member of a room that they can see.
    pub fn not_a_member() -> Self {
        Self::new(Code::NotAMember, "You're not a member of this room. Join it first.")
    }

    /// The resource does not exist or is not visible to the caller.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("This {what} doesn't exist or you don't have access to it."))
    }

    /// One or more fields are invalid.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = errors.iter().map(|e| e.message.as_str()).collect::<Vec<_>>().join(" ");
        Self { errors, ..Self::new(Code::Invalid, detail) }
    }

    /// The disk is full and nothing can be stored; the cause is in the log.
    pub fn disk_full() -> Self {
        /// In seconds: by then space has been freed, or it takes longer than any client waits.
        const RETRY_AFTER_SECONDS: u32 = 5;
        let what = "The server's disk is full, so nothing can be saved.";
        let detail = format!("{what} Try again in a few seconds. If this continues, contact your administrator.");
        Self { retry_after: Some(RETRY_AFTER_SECONDS), ..Self::new(Code::DiskFull, detail) }
    }

    /// An internal error; its cause is in the log, not here.
    pub fn internal() -> Self {
        let detail = "Something went wrong. Try again, or give your administrator this request ID.";
        Self::new(Code::Internal, detail)
    }

    /// The problem document (RFC 9457) of this error.
    pub fn problem(self, request_id: Option<String>) -> Problem {
        Problem {
            kind: "about:blank".into(),
            title: self.code.title().into(),
            status: self.code.status(),
            detail: self.detail,
            code: self.code,
            request_id,
            errors: self.errors,
            retry_after: self.retry_after,
        }
    }
}

impl From<FieldError> for Error {
    fn from(error: FieldError) -> Self {
        Self::invalid(vec![error])
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Error {}

/// An error as it is sent: `application/problem+json` (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Always `about:blank`: `code` identifies the problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// The title of the code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do, for people.
    pub detail: String,
    /// The stable code.
    pub code: Code,
    /// The id of the request in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// For 422, each invalid field; for `GET /ready`, each part that is not ready.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// For 429, 507 and a mute that ends, seconds to wait before a retry; a WebSocket has no `Retry-After` header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self { code: problem.code, detail: problem.detail, errors: problem.errors, retry_after: problem.retry_after }
    }
}
