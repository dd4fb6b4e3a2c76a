//! How people come in, and how they prove who they are.

mod config;
mod email;
mod invitations;
mod links;
mod password;

pub use config::read as read_config;
pub use email::taken as email_taken;
pub use invitations::{ForgetInvitations, enter};
pub use links::keep_email as keep_email_link;

use crate::{Service, mail::Mailer, mail::letter::Letter, rights::Right, store::credentials::AccountRow};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{ChangePassword, ForgotPassword, Invite, ResetPassword, SetEmail, VerifyEmail},
    credentials::{AccountInvitation, Config, EmailAddress, Invited, Registration, ResetLink},
    error::Code,
    id::{AccountInvitationId, ClientId, UserId},
    page::{Created, Page, PageQuery},
    port::Credentials,
    session::Caller,
};

impl Service {
    /// The way to send mail, where there is one.
    fn mailer(&self) -> Result<&Mailer> {
        let detail = "This server sends no mail. Ask an administrator for a link that sets a new password.";
        self.mailer.as_ref().ok_or_else(|| Error::new(Code::NoMail, detail))
    }

    /// Writes to someone whose address is known to be theirs.
    fn write_to(&self, account: &AccountRow, letter: impl FnOnce(&str, &str) -> Letter) {
        if let (Some(mailer), Some(address)) = (&self.mailer, account.verified_email()) {
            mailer.send(letter(address, &account.username));
        }
    }
}

#[async_trait]
impl Credentials for Service {
    async fn change_password(&self, caller: &Caller, command: ChangePassword) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.do_change_password(caller, command).await
    }
    async fn forgot_password(&self, command: ForgotPassword) -> Result<()> {
        self.do_forgot_password(&command)
    }
    async fn check_reset(&self, token: &str) -> Result<()> {
        self.find_reset(token).await.map(|_| ())
    }
    async fn reset_password(&self, command: ResetPassword) -> Result<()> {
        self.do_reset_password(command).await
    }
    async fn make_reset_link(&self, caller: &Caller, user: UserId) -> Result<ResetLink> {
        Right::LetBackIn.check(caller)?;
        self.recently_proved(caller, None).await?;
        self.do_make_reset_link(caller, user).await
    }
    fn sends_mail(&self) -> bool {
        self.mailer.is_some()
    }
    fn public_url(&self) -> &str {
        &self.public_url
    }
    async fn email(&self, caller: &Caller) -> Result<EmailAddress> {
        Right::Look.check(caller)?;
        self.find_email(caller.user_id).await
    }
    async fn set_email(&self, caller: &Caller, command: SetEmail) -> Result<EmailAddress> {
        Right::ManageSignIn.check(caller)?;
        self.do_set_email(caller, command).await
    }
    async fn resend_verification(&self, caller: &Caller) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.do_resend_verification(caller).await
    }
    async fn verify_email(&self, command: VerifyEmail) -> Result<()> {
        self.do_verify_email(&command).await
    }
    async fn registration(&self) -> Result<Registration> {
        Ok(self.read_config().await?.registration)
    }
    async fn find_invitation(&self, code: &str) -> Result<Option<Invited>> {
        self.do_find_invitation(code).await
    }
    async fn invitations(&self, caller: &Caller, page: PageQuery) -> Result<Page<AccountInvitation>> {
        Right::InvitePeople.check(caller)?;
        self.list_invitations(page).await
    }
    async fn invite(
        &self,
        caller: &Caller,
        command: Invite,
        key: Option<ClientId>,
    ) -> Result<Created<AccountInvitation>> {
        Right::InvitePeople.check(caller)?;
        self.make_invitation(caller, &command, key).await
    }
    async fn withdraw_invitation(&self, caller: &Caller, id: AccountInvitationId) -> Result<()> {
        Right::InvitePeople.check(caller)?;
        self.do_withdraw_invitation(id).await
    }
    async fn config(&self, caller: &Caller) -> Result<Config> {
        Right::RunService.check(caller)?;
        self.read_config().await
    }
    async fn set_config(&self, caller: &Caller, config: Config) -> Result<Config> {
        Right::RunService.check(caller)?;
        self.do_set_config(caller, config).await
    }
}
