//! Signing in and out.

use crate::{
    command::{ConfirmPassword, Login},
    error::Result,
    session::{Caller, Client, LoginStep, Tokens},
};
use async_trait::async_trait;

/// Signing in and out.
#[async_trait]
pub trait Auth: Send + Sync + 'static {
    /// Signs in. An unknown login and a wrong password give the same response, after the same time.
    async fn login_user(&self, client: &Client, command: Login) -> Result<Tokens>;
    /// Ends the caller's session: its tokens and its sockets.
    async fn logout_user(&self, caller: &Caller) -> Result<()>;
    /// Signs in, or returns that the code of the second factor is still required.
    async fn start_login(&self, client: &Client, command: Login) -> Result<LoginStep>;
    /// Completes a sign-in, with the step that [`Auth::start_login`] returned and the code.
    async fn finish_login(&self, client: &Client, step: &str, code: String) -> Result<Tokens>;
    /// Confirms the password; for the next 15 minutes, sensitive operations do not ask for it in this session.
    async fn confirm_password(&self, caller: &Caller, command: ConfirmPassword) -> Result<()>;
    /// Checks that the password was confirmed recently; fails as a sensitive operation would.
    async fn check_recent_password(&self, caller: &Caller) -> Result<()>;
    /// Signs a text that is passed through a browser, so that nobody else can forge it. Valid for some minutes.
    fn sign_text(&self, text: &str) -> Result<String>;
    /// Whether a signature is valid for this text.
    fn verify_text(&self, text: &str, signature: &str) -> bool;
    /// Puts a text into a signed token, so that it can pass through a browser.
    fn wrap_text(&self, text: &str) -> Result<String>;
    /// The text of such a token, if it is ours and recent.
    fn unwrap_text(&self, token: &str) -> Option<String>;
}
