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
    /// The caller's address.
    async fn email(&self, caller: &Caller) -> Result<EmailAddress>;
    /// Changes the caller's address; with mail it counts once the link that is sent there is followed.
    async fn set_email(&self, caller: &Caller, command: SetEmail) -> Result<EmailAddress>;
    /// Sends the link that verifies the caller's address once more.
    async fn resend_verification(&self, caller: &Caller) -> Result<()>;
    /// Verifies an address with the link that was sent there.
    async fn verify_email(&self, command: VerifyEmail) -> Result<()>;
}
