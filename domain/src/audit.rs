//! Audit log of logins, failed logins and limits that were reached: one line each, for the operator and for log
//! monitoring. The IP address and the request id are in the request's span; what the user entered is never logged.

use protocol::{
    Error,
    error::Code,
    id::{SessionId, UserId},
};

/// Log target of these lines; they are logged whatever `RUST_LOG` filters out.
pub const TARGET: &str = "lair::audit";

/// A user logged in.
pub fn logged_in(how: &str, account: UserId, session: SessionId) {
    tracing::info!(target: TARGET, how = %how, %account, %session, "signed in");
}

/// A user logged out, or ended another of their sessions.
pub fn logged_out(account: UserId, session: SessionId) {
    tracing::info!(target: TARGET, %account, %session, "signed out");
}

/// A credential was wrong; `account` is the account it was used for, if it exists.
pub fn credential_rejected(how: &str, account: Option<UserId>, reason: &str) {
    tracing::warn!(target: TARGET, how = %how, account = account.map(display), reason = %reason, "sign-in failed");
}

/// A signed-in user confirmed something with a wrong password or code. Not a failed login: nobody must be banned for a
/// typo in a session of their own.
pub fn confirmation_rejected(how: &str, account: UserId, reason: &str) {
    tracing::warn!(target: TARGET, how = %how, %account, reason = %reason, "confirmation failed");
}

/// A login failed with this error. A missing second-factor code is not a failure, and limits are logged where they are
/// reached.
pub fn login_failed(how: &str, account: UserId, error: &Error) {
    if matches!(error.code.status(), 401 | 403) && error.code != Code::TotpRequired {
        credential_rejected(how, Some(account), &error.code.word());
    }
}

/// A rate limit was reached.
pub fn limit_reached(limit: &str) {
    tracing::warn!(target: TARGET, limit = %limit, "rate limit exceeded");
}

/// Permission was denied. A required password confirmation is ordinary and not logged; a deactivated account is logged
/// as a failed login.
pub fn permission_denied(error: &Error) {
    if error.code.status() == 403 && !matches!(error.code, Code::PasswordRequired | Code::Deactivated) {
        tracing::warn!(target: TARGET, reason = %error.code.word(), "permission denied");
    }
}
