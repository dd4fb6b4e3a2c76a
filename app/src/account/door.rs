//! What someone at the door needs to know.

use crate::api::{Failure, visit};

/// How things stand for who is at the door.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Door {
    /// Whether they are signed in already.
    pub signed_in: bool,
    /// Whether there are no accounts yet: the first one runs the server.
    pub first: bool,
    /// Whether that first sign-up must give the set-up code.
    pub setup_code: bool,
}

impl Door {
    /// How things stand now.
    pub async fn find() -> Result<Self, Failure> {
        let chat = visit::chat()?;
        let first = !chat.has_accounts().await?;
        let setup_code = first && chat.needs_setup_code();
        Ok(Self { signed_in: visit::visitor()?.caller().is_some(), first, setup_code })
    }
}
