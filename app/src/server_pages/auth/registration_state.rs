//! State that the auth pages depend on.

use crate::{
    api::{Failure, request},
    page_query::query_param,
};
use protocol::credentials::{InvitationPreview, Registration};

/// What a visitor may do on the auth pages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegistrationState {
    /// Whether the visitor is signed in already.
    pub signed_in: bool,
    /// Whether there are no accounts yet: the first account becomes the administrator.
    pub is_first_account: bool,
    /// Whether that first sign-up needs the set-up code.
    pub needs_setup_code: bool,
    /// Who can create an account.
    pub registration: Registration,
    /// The invitation that was followed, if it is valid.
    pub invited: Option<InvitationPreview>,
}

impl RegistrationState {
    /// Loads the current state.
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

    /// Why the visitor cannot create an account; `None` if they can.
    pub fn closed_reason(&self) -> Option<&'static str> {
        match self.registration {
            _ if self.is_first_account => None,
            Registration::Closed => Some("Ask an administrator for an account."),
            Registration::Invitation if self.invited.is_some() => None,
            Registration::Invitation if !query_param("invitation").is_empty() => {
                Some("This invite link was already used, has expired or was revoked. Ask for a new one.")
            }
            Registration::Invitation => {
                Some("You need an invite link to create an account. Ask an administrator or moderator for one.")
            }
            Registration::Open => None,
        }
    }
}
