//! How people come in, and how they prove who they are.

mod config;
mod email;
mod invitations;
mod links;
mod password;

pub use config::read as read_config;
pub use email::email_taken;
pub use invitations::{PurgeInvitations, redeem_invitation};
pub use links::create_email_link;

use crate::{
    Service,
    mail::{Mailer, letter::Email},
    store::credentials::AccountCredentialsRow,
};
use protocol::{Error, Result, error::Code};

impl Service {
    /// The way to send mail, where there is one.
    fn require_mailer(&self) -> Result<&Mailer> {
        let detail = "This server sends no mail. Ask an administrator for a link that sets a new password.";
        self.mailer.as_ref().ok_or_else(|| Error::new(Code::NoMail, detail))
    }

    /// Writes to someone whose address is known to be theirs.
    fn send_email(&self, account: &AccountCredentialsRow, template: impl FnOnce(&str, &str) -> Email) {
        if let (Some(mailer), Some(address)) = (&self.mailer, account.verified_email()) {
            mailer.send(template(address, &account.username));
        }
    }
}
