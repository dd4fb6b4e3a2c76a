//! How people come in, and how they prove who they are: invitations, passwords, e-mail addresses.

use crate::{
    command::{ChangePassword, ForgotPassword, Invite, ResetPassword, SetEmail, VerifyEmail},
    credentials::{AccountInvitation, Config, EmailAddress, Invited, Registration, ResetLink},
    error::Result,
    id::{AccountInvitationId, ClientId, UserId},
    page::{Created, Page, PageQuery},
    session::Caller,
};
use async_trait::async_trait;

/// Invitations, passwords and e-mail addresses.
#[async_trait]
pub trait Credentials: Send + Sync + 'static {
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
    async fn make_reset_link(&self, caller: &Caller, user: UserId) -> Result<ResetLink>;
    /// Whether this server sends mail.
    fn sends_mail(&self) -> bool;
    /// Where people reach the server, without a slash at the end.
    fn public_url(&self) -> &str;

    /// The caller's address.
    async fn email(&self, caller: &Caller) -> Result<EmailAddress>;
    /// Changes the caller's address; with mail it counts once the link that is sent there is followed.
    async fn set_email(&self, caller: &Caller, command: SetEmail) -> Result<EmailAddress>;
    /// Sends the link that verifies the caller's address once more.
    async fn resend_verification(&self, caller: &Caller) -> Result<()>;
    /// Verifies an address with the link that was sent there.
    async fn verify_email(&self, command: VerifyEmail) -> Result<()>;

    /// Who can make an account now.
    async fn registration(&self) -> Result<Registration>;
    /// What someone who follows an invitation is told; `None` when it is no longer good.
    async fn find_invitation(&self, code: &str) -> Result<Option<Invited>>;
    /// The invitations to make an account, newest first.
    async fn invitations(&self, caller: &Caller, page: PageQuery) -> Result<Page<AccountInvitation>>;
    /// Makes an invitation. `key` recognises a repeat: it answers the same invitation with a new link, since the old one
    /// is known to nobody.
    async fn invite(
        &self,
        caller: &Caller,
        command: Invite,
        key: Option<ClientId>,
    ) -> Result<Created<AccountInvitation>>;
    /// Takes an invitation back; accounts made with it stay.
    async fn withdraw_invitation(&self, caller: &Caller, id: AccountInvitationId) -> Result<()>;

    /// What administrators change while the service runs.
    async fn config(&self, caller: &Caller) -> Result<Config>;
    /// Changes it, on every node at once.
    async fn set_config(&self, caller: &Caller, config: Config) -> Result<Config>;
}
