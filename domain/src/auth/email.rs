//! Email addresses. With SMTP, an address belongs to an account once it is verified by a link; without SMTP, it belongs
//! to the first account that sets it.

use crate::{
    Service,
    auth::{links, reauthentication::require_active_session, tokens},
    error::{CommandError, DbResultExt},
    events::ledger::{Actor, Command, CommandContext},
    notifications::mail::templates::Email,
    store::{
        self, Tx,
        credentials::{AccountCredentialsRow, NewEmail},
        one_time_links::LinkKind,
    },
    users::profiles::publish_self_updated,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{SetEmail, VerifyEmail},
    credentials::EmailAddress,
    error::{Code, FieldError},
    id::UserId,
    limits,
    notification::NotificationKind,
    permissions::Permission,
    port::Emails,
    session::Caller,
};

#[async_trait]
impl Emails for Service {
    async fn get_email(&self, caller: &Caller) -> Result<EmailAddress> {
        Permission::Read.check(caller)?;
        self.find_email(caller.user_id).await
    }

    async fn set_email(&self, caller: &Caller, command: SetEmail) -> Result<EmailAddress> {
        Permission::ManageCredentials.check(caller)?;
        let command = limits::set_email(command)?;
        self.reauthenticate(caller, command.password).await?;
        let account = self.find_account(caller.user_id).await?;
        match command.email {
            // Setting the current address cancels a pending one.
            Some(email) if account.verified_email() == Some(&email) => {
                self.ledger.write(caller, CancelPendingEmail).await?;
            }
            Some(email) if self.mailer.is_some() => self.start_verification(caller, &account, email).await?,
            email => self.update_email(caller, &account, email).await?,
        }
        self.find_email(caller.user_id).await
    }

    async fn send_verification(&self, caller: &Caller) -> Result<()> {
        Permission::ManageCredentials.check(caller)?;
        self.require_mailer()?;
        let (current, account) = (self.find_email(caller.user_id).await?, self.find_account(caller.user_id).await?);
        match current.pending.or(current.email.filter(|_| !current.verified)) {
            Some(email) => self.start_verification(caller, &account, email).await,
            None => Ok(()),
        }
    }

    async fn verify_email(&self, command: VerifyEmail) -> Result<()> {
        let code = limits::code(&command.token).ok_or_else(links::invalid)?;
        let before = self.ledger.write(Actor::Visitor, Verify { link: tokens::hash(&code) }).await?;
        if let Some(before) = before {
            self.send_email(&before, Email::address_changed);
        }
        Ok(())
    }
}

impl Service {
    pub(super) async fn find_email(&self, user: UserId) -> Result<EmailAddress> {
        let account = self.find_account(user).await?;
        let link = store::one_time_links::find_by_user(&self.store.read, LinkKind::Email, user).await.or_internal()?;
        let pending = link.filter(|link| links::is_valid(link, self.clock.now())).and_then(|link| link.email);
        let verified = account.email_verified_at.is_some();
        Ok(EmailAddress { email: account.email, verified, pending })
    }

    /// Sends a verification link to an address. Only the mailbox's owner learns whether the address is in use.
    async fn start_verification(&self, caller: &Caller, account: &AccountCredentialsRow, email: String) -> Result<()> {
        self.check_mail_quota(&email)?;
        let (url, _) = self.create_link(Some(caller), account.id, LinkKind::Email, Some(email.clone())).await?;
        self.send_verification_email(account.id, &email, &url).await
    }

    /// Counts an email to this address; fails if the quota is exceeded.
    pub(crate) fn check_mail_quota(&self, email: &str) -> Result<()> {
        if self.require_mailer()?.within_quota(LinkKind::Email, &limits::name_key(email)) {
            return Ok(());
        }
        Err(Error::new(Code::Busy, "Too many emails were sent to this address. Try again in an hour."))
    }

    /// Sends an email to an address that a user claims.
    pub(crate) async fn send_verification_email(&self, user: UserId, email: &str, url: &str) -> Result<()> {
        let owner =
            store::credentials::find_by_login(&self.store.read, &limits::name_key(email)).await.or_internal()?;
        let owner = owner.filter(|owner| owner.id != user);
        self.require_mailer()?.send(match owner.as_ref().and_then(|owner| Some((owner, owner.verified_email()?))) {
            // To the address as it was verified: another spelling may be another user's mailbox.
            Some((owner, verified_address)) => Email::address_in_use(verified_address, &owner.username),
            None => Email::verify(email, url),
        });
        Ok(())
    }

    /// Sets or removes an address at once: there is no verification when mail is disabled or the address is removed.
    async fn update_email(
        &self,
        caller: &Caller,
        account: &AccountCredentialsRow,
        email: Option<String>,
    ) -> Result<()> {
        self.ledger.write(caller, UpdateEmail { email }).await?;
        self.send_email(account, Email::address_changed);
        Ok(())
    }
}

/// Error for an address that another account has.
pub fn email_taken() -> Error {
    let detail = "Another account uses this email. Sign in, or use another email.";
    Error { errors: vec![FieldError::new("email", "taken", detail)], ..Error::new(Code::EmailTaken, detail) }
}

struct UpdateEmail {
    email: Option<String>,
}

#[async_trait]
impl Command for UpdateEmail {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let user = require_active_session(tx, ctx).await?;
        let key = self.email.as_deref().map(limits::name_key);
        if let Some(key) = &key
            && store::credentials::find_email_owner(tx, key, user).await?.is_some()
        {
            return Err(email_taken().into());
        }
        let new = NewEmail { email: self.email.as_deref(), key: key.as_deref(), verified_at: None };
        store::credentials::set_email(tx, user, &new).await?;
        ctx.notify(tx, user, &NotificationKind::EmailChanged { email: self.email.clone() }).await?;
        publish_self_updated(tx, ctx, user).await?;
        store::one_time_links::revoke(tx, LinkKind::Email, user).await?;
        // A link that was sent to the old address must not set the password.
        Ok(store::one_time_links::revoke(tx, LinkKind::Reset, user).await?)
    }
}

/// Cancels an address that is pending verification.
struct CancelPendingEmail;

#[async_trait]
impl Command for CancelPendingEmail {
    type Output = ();

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        let user = require_active_session(tx, ctx).await?;
        Ok(store::one_time_links::revoke(tx, LinkKind::Email, user).await?)
    }
}

struct Verify {
    link: [u8; 32],
}

#[async_trait]
impl Command for Verify {
    /// The previous account data, if it had another address.
    type Output = Option<AccountCredentialsRow>;

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Self::Output, CommandError> {
        let (link, before) = links::lock(tx, LinkKind::Email, &self.link).await?;
        let email = link.email.as_deref().ok_or_else(links::invalid)?;
        if link.used_at.is_some() && before.verified_email() == Some(email) {
            // A repeated request, or an earlier run of this command in the same batch: nothing to change.
            return Ok(None);
        }
        if link.expires_at <= ctx.at || !store::one_time_links::consume(tx, &self.link, ctx.at).await? {
            return Err(links::invalid().into());
        }
        let key = limits::name_key(email);
        store::credentials::clear_unverified(tx, &key, link.user_id).await?;
        if store::credentials::find_email_owner(tx, &key, link.user_id).await?.is_some() {
            return Err(email_taken().into());
        }
        let new = NewEmail { email: Some(email), key: Some(&key), verified_at: Some(ctx.at) };
        store::credentials::set_email(tx, link.user_id, &new).await?;
        let changed = before.email.as_deref() != Some(email);
        if changed {
            ctx.notify(tx, link.user_id, &NotificationKind::EmailChanged { email: link.email.clone() }).await?;
            publish_self_updated(tx, ctx, link.user_id).await?;
            store::one_time_links::revoke(tx, LinkKind::Reset, link.user_id).await?;
        }
        Ok(Some(before).filter(|_| changed))
    }
}
