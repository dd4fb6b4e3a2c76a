//! Email templates.

/// An email to one address.
#[derive(Clone)]
pub struct Email {
    pub to: String,
    pub subject: &'static str,
    pub body: String,
}

impl Email {
    fn new(to: &str, subject: &'static str, name: &str, body: &str) -> Self {
        Self { to: to.to_owned(), subject, body: format!("Hi {name},\n\n{body}\n") }
    }

    /// To an address that may be a stranger's: nothing in it is chosen by a user.
    fn to_unverified(to: &str, subject: &'static str, body: &str) -> Self {
        Self { to: to.to_owned(), subject, body: format!("Hi,\n\n{body}\n") }
    }

    /// With a link to reset the password.
    pub fn reset(to: &str, name: &str, url: &str) -> Self {
        let body = format!(
            "Someone, probably you, requested a password reset for your account on Lair Chat.\n\
             To set a new password, open this link:\n\n{url}\n\n\
             The link works once and expires in an hour. If you requested several, only the last one works.\n\
             If you didn't request this, ignore this email. Your password won't change."
        );
        Self::new(to, "Reset your password", name, &body)
    }

    /// With a link to verify the address.
    pub fn verify(to: &str, url: &str) -> Self {
        let body = format!(
            "To confirm your email address on Lair Chat, open this link:\n\n{url}\n\n\
             The link expires in a day. If you don't have an account on Lair Chat, ignore this email."
        );
        Self::to_unverified(to, "Confirm your email address", &body)
    }

    /// To the owner of a verified address that was entered for another account, whose name a stranger may have chosen.
    pub fn address_in_use(to: &str, name: &str) -> Self {
        let body = format!(
            "Someone entered this email address for another account on Lair Chat.\n\
             It is already used by your account, \"{name}\", so nothing was changed.\n\n\
             If this was you, sign in as \"{name}\". If you forgot your password, reset it on the sign-in page.\n\
             If this wasn't you, ignore this email."
        );
        Self::new(to, "You already have an account", name, &body)
    }

    /// After a password change.
    pub fn password_changed(to: &str, name: &str) -> Self {
        let body = "The password of your account on Lair Chat was changed, and your other devices were signed out.\n\n\
             If this wasn't you, ask your administrator for a reset link right away.";
        Self::new(to, "Your password was changed", name, body)
    }

    /// To the previous address after an address change.
    pub fn address_changed(to: &str, name: &str) -> Self {
        let body = "This is no longer the email address of your account on Lair Chat.\n\n\
             If you didn't change it, contact your administrator right away.";
        Self::new(to, "Your email address was changed", name, body)
    }
}
