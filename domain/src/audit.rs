//! What the log says of who came in, who did not, and which limits were met: one line each, for the operator and for what
//! watches the log. Where they came from, and in which request, is in the request's span; what was typed is nowhere.

use protocol::{
    Error,
    error::Code,
    id::{SessionId, UserId},
};

/// What these lines are known by, whatever else `RUST_LOG` leaves out.
pub const TARGET: &str = "lair::audit";

/// Someone signed in.
pub fn logged_in(how: &str, account: UserId, session: SessionId) {
    tracing::info!(target: TARGET, how = %how, %account, %session, "signed in");
}

/// Someone signed out, or ended a session of theirs elsewhere.
pub fn logged_out(account: UserId, session: SessionId) {
    tracing::info!(target: TARGET, %account, %session, "signed out");
}

/// A secret that was shown is not the right one; `account` is whose it should have been, if it is anyone's.
pub fn credential_rejected(how: &str, account: Option<UserId>, reason: &str) {
    tracing::warn!(target: TARGET, how = %how, account = account.map(display), reason = %reason, "sign-in failed");
}

/// Signing in ended like this. That a code is still to come is no failure, and limits are told where they are met.
pub fn login_failed(how: &str, account: UserId, error: &Error) {
    if matches!(error.code.status(), 401 | 403) && error.code != Code::TotpRequired {
        credential_rejected(how, Some(account), &error.code.word());
    }
}

/// Someone asked too much.
pub fn limit_reached(limit: &str) {
    tracing::warn!(target: TARGET, limit = %limit, "limit met");
}

/// Someone may not do what they asked for. That a password is needed again is ordinary, and so is that an account is
/// deactivated, which is told as a sign-in that failed.
pub fn permission_denied(error: &Error) {
    if error.code.status() == 403 && !matches!(error.code, Code::PasswordRequired | Code::Deactivated) {
        tracing::warn!(target: TARGET, reason = %error.code.word(), "refused");
    }
}
