//! Changing and resetting passwords.

use crate::{
    command::{ChangePassword, ForgotPassword, ResetPassword},
    credentials::ResetLink,
    error::Result,
    id::UserId,
    session::Caller,
};
use async_trait::async_trait;

/// Changing and resetting passwords.
#[async_trait]
pub trait Passwords: Send + Sync + 'static {
    /// Sets a new password and ends every other session.
    async fn change_password(&self, caller: &Caller, command: ChangePassword) -> Result<()>;
    /// Has a link sent that sets the password anew. Whether there is such an account shows neither in the answer nor in
    /// its time.
    async fn forgot_password(&self, command: ForgotPassword) -> Result<()>;
    /// Whether a link that sets a password anew is still good. To ask does not use it up.
    async fn check_reset(&self, token: &str) -> Result<()>;
    /// Sets the password with a link that was sent, and ends every session.
    async fn reset_password(&self, command: ResetPassword) -> Result<()>;
    /// Makes a link that sets someone's password anew, to hand over.
    async fn create_reset_link(&self, caller: &Caller, user: UserId) -> Result<ResetLink>;
}
