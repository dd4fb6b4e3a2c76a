//! The browser behind a page or form.

use crate::{
    error::Error,
    session::{Caller, Client, Tokens},
};

/// The browser behind a page or form: its user and its cookies.
pub trait BrowserSession: Send + Sync + 'static {
    /// The signed-in user.
    fn caller(&self) -> Option<Caller>;
    /// The client of the request, with its device cookie.
    fn client(&self) -> Client;
    /// Sets the cookies of a session.
    fn set_tokens(&self, tokens: &Tokens);
    /// Clears the cookies of the session.
    fn clear_tokens(&self);
    /// The login step that was set once the password was right; the code completes it.
    fn login_step(&self) -> Option<String>;
    /// Sets the login step, which proves that the password was right.
    fn set_login_step(&self, step: String);
    /// Takes the secret that the previous form created; only the next page shows it.
    fn take_flash(&self) -> Option<String>;
    /// Passes such a secret to the next page: letters, digits, `_`, `-` and `.` only.
    fn set_flash(&self, secret: &str);
    /// What was typed into the form that has just failed, signed; only the next page shows it.
    fn take_typed(&self) -> Option<String>;
    /// Passes such fields to the next page, if they are short enough for a cookie.
    fn set_typed(&self, signed: &str);
    /// Records why a page or form was refused, for the log.
    fn record_refusal(&self, error: &Error);
}
