//! The email address of an account.

use crate::{
    command::{SetEmail, VerifyEmail},
    credentials::EmailAddress,
    error::Result,
    session::Caller,
};
use async_trait::async_trait;

/// The email address of an account.
#[async_trait]
pub trait Emails: Send + Sync + 'static {
    /// Gets the caller's email address.
    async fn get_email(&self, caller: &Caller) -> Result<EmailAddress>;
    /// Changes the caller's address; if the server sends email, it takes effect once the link sent to it is followed.
    async fn set_email(&self, caller: &Caller, command: SetEmail) -> Result<EmailAddress>;
    /// Sends the verification link of the caller's address again.
    async fn send_verification(&self, caller: &Caller) -> Result<()>;
    /// Verifies an address with the link that was sent to it.
    async fn verify_email(&self, command: VerifyEmail) -> Result<()>;
}
