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
        Self { to: to.to_owned(), subject, body: format!("Hello {name},\n\n{body}\n") }
    }

    /// With a link to reset the password.
    pub fn reset(to: &str, name: &str, url: &str) -> Self {
        let body = format!(
            "someone, probably you, asked to set a new password for your account on Lair.\n\
             Follow this link within an hour:\n\n{url}\n\n\
             It works once. If it was not you, do nothing: your password stays as it is."
        );
        Self::new(to, "Set a new password", name, &body)
    }

    /// With a link to verify the address.
    pub fn verify(to: &str, name: &str, url: &str) -> Self {
        let body = format!(
            "confirm that this is your address by following this link within a day:\n\n{url}\n\n\
             If you have no account on Lair, someone mistyped theirs: do nothing."
        );
        Self::new(to, "Confirm your e-mail address", name, &body)
    }

    /// To the owner of a verified address that was entered for another account.
    pub fn address_in_use(to: &str, name: &str, new_name: &str) -> Self {
        let body = format!(
            "someone gave this address for the account \"{new_name}\" on Lair. It already belongs to yours,\n\
             \"{name}\", and stays there. If it was you, sign in as \"{name}\"; if you forgot the password,\n\
             the sign-in page helps. If it was not you, do nothing."
        );
        Self::new(to, "You already have an account", name, &body)
    }

    /// After a password change.
    pub fn password_changed(to: &str, name: &str) -> Self {
        let body = "your password on Lair was changed, and every other sign-in was ended.\n\n\
             If it was not you, ask your administrator at once for a link that sets a new one.";
        Self::new(to, "Your password was changed", name, body)
    }

    /// To the previous address after an address change.
    pub fn address_changed(to: &str, name: &str) -> Self {
        let body = "this is no longer the e-mail address of your account on Lair.\n\n\
             If it was not you who changed it, tell your administrator at once.";
        Self::new(to, "Your e-mail address was changed", name, body)
    }
}
