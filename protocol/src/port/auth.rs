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
    /// Signs in. A wrong name and a wrong password answer alike, in text and in time.
    async fn login(&self, client: &Client, command: Login) -> Result<Tokens>;
    /// Ends this sign-in: its tokens and its sockets.
    async fn logout(&self, caller: &Caller) -> Result<()>;
    /// Signs in, or says that a code is still to come.
    async fn begin_login(&self, client: &Client, command: Login) -> Result<LoginStep>;
    /// The second step: what [`SignIns::begin_sign_in`] answered, and the code.
    async fn finish_login(&self, client: &Client, step: &str, code: String) -> Result<Tokens>;
    /// Takes the password again; for the next 15 minutes it is not asked for in this session.
    async fn confirm_password(&self, caller: &Caller, command: ConfirmPassword) -> Result<()>;
    /// Whether the password was given lately, so that a sensitive act would not ask for it; refuses as the act would.
    async fn check_recent_password(&self, caller: &Caller) -> Result<()>;
    /// A seal for a text that goes through a browser: nobody else can make one. Good for some minutes.
    fn sign_text(&self, text: &str) -> Result<String>;
    /// Whether a seal is of this text.
    fn verify_text(&self, text: &str, seal: &str) -> bool;
}
