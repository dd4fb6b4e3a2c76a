//! What someone at the door needs to know.

use crate::{
    api::{Failure, request},
    forms::query_param,
};
use protocol::credentials::{InvitationPreview, Registration};

/// How things stand for who is at the door.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistrationState {
    /// Whether they are signed in already.
    pub signed_in: bool,
    /// Whether there are no accounts yet: the first one runs the server.
    pub is_first_account: bool,
    /// Whether that first sign-up must give the set-up code.
    pub needs_setup_code: bool,
    /// Who can make an account.
    pub registration: Registration,
    /// Whose invitation they follow, if it is good.
    pub invited: Option<InvitationPreview>,
}

impl RegistrationState {
    /// How things stand now.
    pub async fn load() -> Result<Self, Failure> {
        let chat = request::chat()?;
        let is_first_account = !chat.has_accounts().await?;
        let needs_setup_code = is_first_account && chat.needs_setup_code();
        let invited = chat.find_invitation(&query_param("invitation")).await?;
        let registration = chat.registration().await?;
        Ok(Self {
            signed_in: request::browser_session()?.caller().is_some(),
            is_first_account,
            needs_setup_code,
            registration,
            invited,
        })
    }

    /// Why they cannot make an account, if they cannot.
    pub fn closed_reason(&self) -> Option<&'static str> {
        match self.registration {
            _ if self.is_first_account => None,
            Registration::Closed => Some("No new accounts are made here just now. Ask an administrator."),
            Registration::Invitation if self.invited.is_some() => None,
            Registration::Invitation if !query_param("invitation").is_empty() => {
                Some("This invitation was used, has expired or was revoked. Ask for a new link.")
            }
            Registration::Invitation => Some("Accounts are made by invitation here. Ask someone for a link."),
            Registration::Open => None,
        }
    }
}
