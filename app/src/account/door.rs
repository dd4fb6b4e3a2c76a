//! What someone at the door needs to know.

use crate::{
    api::{Failure, visit},
    forms::typed,
};
use protocol::credentials::{Invited, Registration};

/// How things stand for who is at the door.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Door {
    /// Whether they are signed in already.
    pub signed_in: bool,
    /// Whether there are no accounts yet: the first one runs the server.
    pub first: bool,
    /// Whether that first sign-up must give the set-up code.
    pub setup_code: bool,
    /// Who can make an account.
    pub registration: Registration,
    /// Whose invitation they follow, if it is good.
    pub invited: Option<Invited>,
}

impl Door {
    /// How things stand now.
    pub async fn find() -> Result<Self, Failure> {
        let chat = visit::chat()?;
        let first = !chat.has_accounts().await?;
        let setup_code = first && chat.needs_setup_code();
        let invited = chat.find_invitation(&typed("invitation")).await?;
        let registration = chat.registration().await?;
        Ok(Self { signed_in: visit::visitor()?.caller().is_some(), first, setup_code, registration, invited })
    }

    /// Why they cannot make an account, if they cannot.
    pub fn shut(&self) -> Option<&'static str> {
        match self.registration {
            _ if self.first => None,
            Registration::Closed => Some("No new accounts are made here just now. Ask an administrator."),
            Registration::Invitation if self.invited.is_some() => None,
            Registration::Invitation if !typed("invitation").is_empty() => {
                Some("This invitation is used up, has expired or was taken back. Ask for a new link.")
            }
            Registration::Invitation => Some("Accounts are made by invitation here. Ask someone for a link."),
            Registration::Open => None,
        }
    }
}
