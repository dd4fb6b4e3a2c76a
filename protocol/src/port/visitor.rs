//! The browser behind a page.

use crate::{
    error::Error,
    session::{Caller, Client, Tokens},
};

/// The browser behind a page or form: who it is, and the cookies it holds.
pub trait Visitor: Send + Sync + 'static {
    /// Who is signed in.
    fn caller(&self) -> Option<Caller>;
    /// Where the request comes from, and by what the browser is known.
    fn client(&self) -> Client;
    /// Gives the browser the proof of a sign-in.
    fn sign_in(&self, tokens: &Tokens);
    /// Takes it away.
    fn sign_out(&self);
    /// What the browser was given after the password, to come back with the code.
    fn step(&self) -> Option<String>;
    /// Gives the browser the proof that the password was right.
    fn ask_code(&self, step: String);
    /// A secret that a form has just made, for the page that comes next, and only for that.
    fn shown(&self) -> Option<String>;
    /// Gives the next page such a secret: letters, digits, `_`, `-` and `.` only.
    fn show_once(&self, secret: &str);
    /// Notes why a page or form was refused, for the log.
    fn refused(&self, error: &Error);
}
