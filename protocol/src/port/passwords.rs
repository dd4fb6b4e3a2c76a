//! Changing and resetting passwords.

use crate::{
    command::{ChangePassword, ForgotPassword, ResetPassword},
    credentials::{PasswordRating, ResetLink},
    error::Result,
    id::UserId,
    session::Caller,
};
use async_trait::async_trait;

/// Changing and resetting passwords.
#[async_trait]
pub trait Passwords: Send + Sync + 'static {
    /// Changes the caller's password and ends every other session.
    async fn change_password(&self, caller: &Caller, command: ChangePassword) -> Result<()>;
    /// Sends a password-reset link by email. Neither the response nor its timing shows whether the account exists.
    async fn forgot_password(&self, command: ForgotPassword) -> Result<()>;
    /// How hard a new password is to guess. `known` is what others know of the user, in addition to the caller's names.
    async fn rate_password(
        &self,
        caller: Option<&Caller>,
        password: String,
        known: Vec<String>,
    ) -> Result<PasswordRating>;
    /// Checks that a password-reset link is still valid, without using it up.
    async fn check_reset(&self, token: &str) -> Result<()>;
    /// Resets the password with a link and ends every session.
    async fn reset_password(&self, command: ResetPassword) -> Result<()>;
    /// Creates a password-reset link for a user, for the caller to hand over.
    async fn create_reset_link(&self, caller: &Caller, user: UserId) -> Result<ResetLink>;
}
