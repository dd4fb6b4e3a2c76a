//! The one error of every layer: what the caller is told, and nothing more. Causes are logged where they happen.

use crate::read::{DecodeError, FromJson};
use serde::{Deserialize, Serialize};

/// What went wrong, as a stable word; each has one HTTP status and one title.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The request cannot be read at all.
    Malformed,
    /// The cursor is not one of ours.
    InvalidCursor,
    /// No valid token came with the request.
    NotSignedIn,
    /// The name or the password is wrong.
    WrongCredentials,
    /// The password is right, but the account is deactivated.
    Deactivated,
    /// The password is right; the code of the second factor is needed too.
    TotpRequired,
    /// The code of the second factor is wrong or was used before.
    WrongTotp,
    /// The refresh token is unknown, expired or was used before.
    InvalidRefreshToken,
    /// The first sign-up of a public server needs the code printed when it starts.
    SetupCodeRequired,
    /// The caller must give their password again.
    PasswordRequired,
    /// Nobody can make an account just now.
    RegistrationClosed,
    /// Only those who are invited can make an account.
    InvitationRequired,
    /// The invitation is used up, expired, withdrawn or never was.
    InvalidInvitation,
    /// The link is used up, expired, replaced by a newer one or never was.
    InvalidLink,
    /// This server sends no mail.
    NoMail,
    /// A state-changing request with cookies came from another site.
    CrossSite,
    /// Not allowed.
    Forbidden,
    /// The room must be joined first.
    NotAMember,
    /// They are in the room already.
    AlreadyMember,
    /// They are in as many rooms as one can be in.
    TooManyRooms,
    /// Not there, or not visible to the caller.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// A second factor is there already.
    FactorExists,
    /// There are as many of these as there can be.
    TooMany,
    /// The `client_id` was used for another message.
    ClientIdReused,
    /// The `Idempotency-Key` was used for another request.
    IdempotencyKeyReused,
    /// Someone else has that name.
    UsernameTaken,
    /// Another account has that address.
    EmailTaken,
    /// Another public room has that name.
    RoomNameTaken,
    /// Everyone is in the Lobby.
    LobbyMembershipFixed,
    /// The service would be left without an administrator.
    LastAdmin,
    /// The message was taken back.
    MessageDeleted,
    /// The page or client that asks belongs to somebody else than its cookies or token.
    OtherUser,
    /// Larger than this service accepts.
    TooLarge,
    /// The request took too long to arrive or to answer.
    TimedOut,
    /// The body is not of the type this route reads.
    WrongMediaType,
    /// The server is not reached under the name that the request was sent to.
    UnknownHost,
    /// The request can be read, but a field does not validate.
    Invalid,
    /// No such WebSocket command.
    UnknownCommand,
    /// More was asked in a short time than one may ask.
    RateLimited,
    /// As many connections are open as one may have.
    TooManyConnections,
    /// More is waiting than can be done soon.
    Busy,
    /// The server's disk is full: nothing is kept until there is space again.
    DiskFull,
    /// A mistake of ours; the log has the cause under the request id.
    Internal,
}

impl Code {
    /// The stable word itself.
    pub fn word(self) -> String {
        serde_json::to_value(self).ok().and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The HTTP status this code always has.
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
            | Self::LastAdmin
            | Self::MessageDeleted
            | Self::OtherUser
            | Self::NoMail => 409,
            Self::TooLarge => 413,
            Self::WrongMediaType => 415,
            Self::UnknownHost => 421,
            Self::Invalid => 422,
            Self::RateLimited | Self::TooManyConnections => 429,
            Self::Internal => 500,
            Self::Busy => 503,
            Self::DiskFull => 507,
        }
    }

    /// What it means, in a few words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Malformed => "The request could not be read",
            Self::InvalidCursor => "Not a cursor",
            Self::NotSignedIn => "Not signed in",
            Self::WrongCredentials => "Wrong name or password",
            Self::Deactivated => "This account is deactivated",
            Self::TotpRequired => "Code needed",
            Self::WrongTotp => "Wrong code",
            Self::InvalidRefreshToken => "Sign in again",
            Self::SetupCodeRequired => "Set-up code needed",
            Self::PasswordRequired => "Give your password again",
            Self::RegistrationClosed => "Sign-up is closed",
            Self::InvitationRequired => "By invitation only",
            Self::InvalidInvitation => "The invitation is no longer good",
            Self::InvalidLink => "The link is no longer good",
            Self::NoMail => "This server sends no mail",
            Self::CrossSite => "Request from another site",
            Self::Forbidden => "Not allowed",
            Self::NotAMember => "Join the room first",
            Self::AlreadyMember => "Already in the room",
            Self::TooManyRooms => "Too many rooms",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "Method not allowed",
            Self::FactorExists => "There is a second factor already",
            Self::TooMany => "There are too many already",
            Self::ClientIdReused => "The client_id was used before",
            Self::IdempotencyKeyReused => "The Idempotency-Key was used before",
            Self::UsernameTaken => "That username is taken",
            Self::EmailTaken => "That address is in use",
            Self::RoomNameTaken => "That room name is taken",
            Self::LobbyMembershipFixed => "The Lobby is for everyone",
            Self::LastAdmin => "The last administrator stays",
            Self::MessageDeleted => "The message was deleted",
            Self::OtherUser => "Somebody else is signed in",
            Self::TooLarge => "Too large",
            Self::TimedOut => "Timed out",
            Self::WrongMediaType => "Wrong media type",
            Self::UnknownHost => "Not the name of this server",
            Self::Invalid => "Check what you entered",
            Self::UnknownCommand => "Unknown command",
            Self::RateLimited => "A little slower, please",
            Self::TooManyConnections => "Too many connections",
            Self::Busy => "Too busy just now",
            Self::DiskFull => "The server's disk is full",
            Self::Internal => "Something went wrong on our side",
        }
    }
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// Which field, as it is named in the request.
    pub field: String,
    /// A stable word: `required`, `too_short`, `too_long`, `too_weak`, `wrong`, `taken`, `invalid`, `unknown`, `wrong_type`.
    pub code: String,
    /// What to do about it, for people.
    pub message: String,
}

impl FieldError {
    /// A field and what is wrong with it.
    pub fn new(field: &str, code: &str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code: code.into(), message: message.into() }
    }
}

/// What the caller is told went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Error {
    /// The stable word.
    pub code: Code,
    /// What happened and what to do, for people.
    pub detail: String,
    /// For [`Code::Invalid`], each field that does not validate; for readiness, each part that is not ready.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// For [`Code::RateLimited`], [`Code::TooManyConnections`] and [`Code::DiskFull`], seconds until it is worth trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

/// What every fallible operation answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error with a detail for people.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after: None }
    }

    /// Too much in a short time: `what` is a sentence about it, `seconds` is when it is worth trying again.
    pub fn rate_limited(what: &str, seconds: u32) -> Self {
        let seconds = seconds.max(1);
        let when = match seconds {
            1 => "in a second".to_owned(),
            2..=90 => format!("in {seconds} seconds"),
            _ => format!("in {} minutes", seconds.div_ceil(60)),
        };
        Self { retry_after: Some(seconds), ..Self::new(Code::RateLimited, format!("{what} Try again {when}.")) }
    }

    /// Nothing there, or nothing the caller may know of.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no such {what}, or it is not visible to you."))
    }

    /// Fields that do not validate.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = errors.iter().map(|e| e.message.as_str()).collect::<Vec<_>>().join(" ");
        Self { errors, ..Self::new(Code::Invalid, detail) }
    }

    /// There is no space to keep anything; its cause is in the log.
    pub fn disk_full() -> Self {
        /// Seconds: whoever frees space has done it by then, or needs longer than anyone waits.
        const RETRY_AFTER_SECONDS: u32 = 5;
        let what = "The server's disk is full, so nothing can be kept just now.";
        let detail = format!("{what} Try again in a few seconds; if it stays, tell your administrator.");
        Self { retry_after: Some(RETRY_AFTER_SECONDS), ..Self::new(Code::DiskFull, detail) }
    }

    /// A mistake of ours; its cause is in the log, not here.
    pub fn internal() -> Self {
        Self::new(
            Code::Internal,
            "This is our mistake. Try again; if it stays, tell your administrator the request id.",
        )
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

/// An error as it travels: `application/problem+json` (RFC 9457).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Always `about:blank`: `code` is the stable name.
    #[serde(rename = "type")]
    pub kind: String,
    /// What the code means, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened and what to do, for people.
    pub detail: String,
    /// The stable word.
    pub code: Code,
    /// The name of the request in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// For 422, each field that does not validate; for `GET /ready`, each part that is not ready.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// For 429 and 507, seconds until it is worth trying again; a WebSocket has no `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self { code: problem.code, detail: problem.detail, errors: problem.errors, retry_after: problem.retry_after }
    }
}

crate::from_json! {
    FieldError { field, code, message }
    Error { code, detail, errors, retry_after }
    Problem { kind = "type", title, status, detail, code, request_id, errors, retry_after }
}

impl FromJson for Code {
    fn from_json(value: serde_json::Value) -> Result<Self, DecodeError> {
        Self::deserialize(value).map_err(|_| DecodeError("a code"))
    }
}
