//! How people come in, and how they prove who they are.

mod config;
mod email;
mod invitations;
mod links;
mod password;

pub use config::read as read_config;
pub use email::taken as email_taken;
pub use invitations::{ForgetInvitations, enter};
pub use links::keep_email as keep_email_link;

use crate::{
    Service,
    mail::{Mailer, letter::Letter},
    store::credentials::AccountRow,
};
use protocol::{Error, Result, error::Code};

impl Service {
    /// The way to send mail, where there is one.
    fn mailer(&self) -> Result<&Mailer> {
        let detail = "This server sends no mail. Ask an administrator for a link that sets a new password.";
        self.mailer.as_ref().ok_or_else(|| Error::new(Code::NoMail, detail))
    }

    /// Writes to someone whose address is known to be theirs.
    fn write_to(&self, account: &AccountRow, letter: impl FnOnce(&str, &str) -> Letter) {
        if let (Some(mailer), Some(address)) = (&self.mailer, account.verified_email()) {
            mailer.send(letter(address, &account.username));
        }
    }
}
