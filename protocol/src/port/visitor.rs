//! The browser behind a page.

use crate::{
    error::Error,
    session::{Caller, Client, Tokens},
};

/// The browser behind a page or form: who it is, and the cookies it holds.
pub trait BrowserSession: Send + Sync + 'static {
    /// Who is signed in.
    fn caller(&self) -> Option<Caller>;
    /// Where the request comes from, and by what the browser is known.
    fn client(&self) -> Client;
    /// Gives the browser the proof of a sign-in.
    fn set_tokens(&self, tokens: &Tokens);
    /// Takes it away.
    fn clear_tokens(&self);
    /// What the browser was given after the password, to come back with the code.
    fn login_step(&self) -> Option<String>;
    /// Gives the browser the proof that the password was right.
    fn set_login_step(&self, step: String);
    /// A secret that a form has just made, for the page that comes next, and only for that.
    fn take_flash(&self) -> Option<String>;
    /// Gives the next page such a secret: letters, digits, `_`, `-` and `.` only.
    fn set_flash(&self, secret: &str);
    /// Notes why a page or form was refused, for the log.
    fn record_refusal(&self, error: &Error);
}
