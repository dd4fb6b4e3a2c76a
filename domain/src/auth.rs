//! Authentication: passwords, sessions, tokens, two-factor authentication.

pub mod access_tokens;
pub mod data_key;
pub mod email;
pub mod end_sessions;
pub mod links;
pub mod login;
pub mod login_throttle;
pub mod password;
pub mod password_hash;
pub mod password_strength;
pub mod reauthentication;
pub mod refresh;
pub mod second_factor;
pub mod session_cache;
pub mod sessions;
pub mod signing_keys;
pub mod tokens;
mod totp;
pub mod totp_throttle;

use crate::{
    Service,
    notifications::mail::{Mailer, templates::Email},
    store::credentials::AccountCredentialsRow,
};
use protocol::{Error, Result, error::Code};

impl Service {
    /// The mailer; fails when mail is disabled.
    fn require_mailer(&self) -> Result<&Mailer> {
        let detail = "This server can't send email. Ask an administrator for a reset link.";
        self.mailer.as_ref().ok_or_else(|| Error::new(Code::NoMail, detail))
    }

    /// Sends an email to the account's address if it is verified.
    fn send_email(&self, account: &AccountCredentialsRow, template: impl FnOnce(&str, &str) -> Email) {
        if let (Some(mailer), Some(address)) = (&self.mailer, account.verified_email()) {
            mailer.send(template(address, &account.username));
        }
    }
}
