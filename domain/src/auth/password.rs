//! Changing a password, and resetting it with a link.

use crate::{
    Service,
    auth::end_sessions::end_sessions,
    auth::{links, password_hash::Verdict, tokens},
    error::{CommandError, DbResultExt},
    events::ledger::{Actor, Command, CommandContext},
    notifications::mail::templates::Email,
    store::{self, Tx, credentials::AccountCredentialsRow, one_time_links::LinkKind},
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{ChangePassword, ForgotPassword, ResetPassword},
    credentials::{PasswordRating, ResetLink},
    error::{Code, FieldError},
    id::{SessionId, UserId},
    limits,
    notification::NotificationKind,
    permissions::Permission,
    port::Passwords,
    session::Caller,
};
use tokio::sync::Semaphore;

/// Password reset requests processed at once.
static RESET_REQUESTS: Semaphore = Semaphore::const_new(64);

/// Texts about a user that their password is compared with.
const MAX_KNOWN: usize = 8;

#[async_trait]
impl Passwords for Service {
    async fn change_password(&self, caller: &Caller, command: ChangePassword) -> Result<()> {
        Permission::ManageCredentials.check(caller)?;
        let account = self.find_account(caller.user_id).await?;
        let mut errors = Vec::new();
        let old_hash = Some(account.password_hash.clone());
        let old_hash = self.verify_own_password(caller, command.current_password, old_hash).await?;
        if old_hash.is_none() {
            errors.push(wrong_password());
        }
        errors.extend(self.check_new_password(&command.new_password, &account).await?);
        if !errors.is_empty() {
            let is_confirmed = errors[0].field != "current_password";
            let code = if is_confirmed { Code::Invalid } else { Code::PasswordRequired };
            return Err(Error { code, ..Error::invalid(errors) });
        }
        let new_hash = self.passwords.hash(command.new_password).await?;
        let (user, session) = (caller.user_id, caller.session_id);
        let old_hash = old_hash.unwrap_or_default();
        let ended = self.ledger.write(caller, UpdatePasswordHash { user, session, old_hash, new_hash }).await?;
        self.password_changed(&account, &ended);
        Ok(())
    }

    async fn forgot_password(&self, command: ForgotPassword) -> Result<()> {
        self.require_mailer()?;
        let login = limits::login_key(&command.login);
        let permit = RESET_REQUESTS.try_acquire();
        let permit = permit.map_err(|_| Error::new(Code::Busy, "Too many reset requests. Try again in a moment."))?;
        let service = self.arc()?;
        tokio::spawn(async move {
            let _permit = permit;
            if let Err(error) = service.send_reset_link(&login).await {
                tracing::error!(%error, "cannot create a reset link");
            }
        });
        Ok(())
    }

    async fn rate_password(
        &self,
        caller: Option<&Caller>,
        password: String,
        mut known: Vec<String>,
    ) -> Result<PasswordRating> {
        if let Some(caller) = caller {
            known.extend(self.find_account(caller.user_id).await?.user_inputs());
        }
        // Anyone may ask, so the work has a bound.
        let cut = |text: String, chars| text.chars().take(chars).collect::<String>();
        let known = known.into_iter().take(MAX_KNOWN).map(|text| cut(text, limits::EMAIL_CHARS)).collect();
        self.passwords.rate(cut(password, limits::PASSWORD_CHARS.end() + 1), known).await
    }

    async fn check_reset(&self, token: &str) -> Result<()> {
        self.find_reset_account(token).await.map(|_| ())
    }

    async fn reset_password(&self, command: ResetPassword) -> Result<()> {
        let account = self.find_reset_account(&command.token).await?;
        if let Some(error) = self.check_new_password(&command.new_password, &account).await? {
            return Err(error.into());
        }
        let new_hash = self.passwords.hash(command.new_password).await?;
        let link = tokens::hash(&limits::code(&command.token).ok_or_else(links::invalid)?);
        let ended = self.ledger.write(Actor::Visitor, ResetPasswordHash { link, new_hash }).await?;
        self.password_changed(&account, &ended);
        Ok(())
    }

    async fn create_reset_link(&self, caller: &Caller, user: UserId) -> Result<ResetLink> {
        Permission::ResetCredentials.check(caller)?;
        self.require_recent_password(caller, None).await?;
        let account = store::credentials::find(&self.store.read, user).await.or_internal()?;
        let account = account.ok_or_else(|| Error::not_found("user"))?;
        let (url, expires_at) = self.create_link(Some(caller), account.id, LinkKind::Reset, None).await?;
        tracing::info!(by = %caller.user_id, %user, "an administrator created a reset link");
        Ok(ResetLink { url, expires_at })
    }
}

impl Service {
    /// Sends the link to the account's stored address, never to the text entered, and only if the address is verified:
    /// otherwise anyone who receives mail at a mistyped address could take over the account.
    async fn send_reset_link(&self, login: &str) -> Result<()> {
        let found = store::credentials::find_by_login(&self.store.read, login).await.or_internal()?;
        let found = found.filter(|account| account.deactivated_at.is_none());
        let Some((account, address)) = found.as_ref().and_then(|account| Some((account, account.verified_email()?)))
        else {
            return Ok(());
        };
        if !self.require_mailer()?.within_quota(LinkKind::Reset, &limits::name_key(address)) {
            tracing::warn!(user = %account.id, "reset link not sent: too many were requested");
            return Ok(());
        }
        let (url, _) = self.create_link(None, account.id, LinkKind::Reset, Some(address.to_owned())).await?;
        self.require_mailer()?.send(Email::reset(address, &account.username, &url));
        Ok(())
    }

    /// Account of a reset link; does not consume the link.
    pub(super) async fn find_reset_account(&self, token: &str) -> Result<AccountCredentialsRow> {
        let hash = tokens::hash(&limits::code(token).ok_or_else(links::invalid)?);
        let link = store::one_time_links::find(&self.store.read, LinkKind::Reset, &hash).await.or_internal()?;
        let link = link.filter(|link| links::is_valid(link, self.clock.now())).ok_or_else(links::invalid)?;
        let account = self.find_account(link.user_id).await?;
        if link.matches_email(&account) { Ok(account) } else { Err(links::invalid()) }
    }

    pub(super) async fn find_account(&self, user: UserId) -> Result<AccountCredentialsRow> {
        store::credentials::find(&self.store.read, user).await.or_internal()?.ok_or_else(Error::internal)
    }

    /// Validates a new password.
    async fn check_new_password(&self, password: &str, account: &AccountCredentialsRow) -> Result<Option<FieldError>> {
        if let Err(error) = limits::new_password("new_password", password) {
            return Ok(Some(error));
        }
        self.passwords.weakness("new_password", password, account.user_inputs()).await
    }

    fn password_changed(&self, account: &AccountCredentialsRow, ended: &[SessionId]) {
        // The events inform the other nodes; here the sessions end before the response.
        for session in ended {
            self.sessions.mark_ended(*session);
        }
        self.send_email(account, Email::password_changed);
    }
}

impl Service {
    /// Replaces a hash of a password as it was typed by that of the normalised password, which was just found right;
    /// returns the hash that is stored then.
    pub(super) async fn normalise_hash(
        &self,
        user: UserId,
        old_hash: String,
        password: String,
    ) -> Result<Option<String>> {
        let new_hash = self.passwords.hash(password.clone()).await?;
        if self.ledger.write(Actor::System, NormaliseHash { user, old_hash, new_hash: new_hash.clone() }).await? {
            return Ok(Some(new_hash));
        }
        // Another login with this password came first, or the password has just been changed.
        let stored = store::users::find_password_hash(&self.store.read, user).await.or_internal()?;
        let verdict = self.passwords.verify(password, stored.clone()).await?;
        Ok(stored.filter(|_| verdict == Verdict::Right))
    }
}

fn wrong_password() -> FieldError {
    FieldError::new("current_password", "wrong", "Wrong password.")
}

/// A new password revokes everything obtained with the old one: links, an address pending verification, and known
/// devices.
async fn revoke_links_and_devices(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    store::one_time_links::revoke(tx, LinkKind::Reset, user).await?;
    store::one_time_links::revoke(tx, LinkKind::Email, user).await?;
    store::known_devices::delete_all(tx, user).await
}

/// Replaces the hash of a password by another one of the same password: no session ends.
struct NormaliseHash {
    user: UserId,
    old_hash: String,
    new_hash: String,
}

#[async_trait]
impl Command for NormaliseHash {
    /// Whether the old hash was still stored.
    type Output = bool;

    async fn run(&self, tx: &mut Tx, _: &mut CommandContext) -> Result<bool, CommandError> {
        Ok(store::credentials::replace_password(tx, self.user, &self.old_hash, &self.new_hash).await?)
    }
}

/// Replaces a password, given the old one.
struct UpdatePasswordHash {
    user: UserId,
    session: SessionId,
    old_hash: String,
    new_hash: String,
}

#[async_trait]
impl Command for UpdatePasswordHash {
    type Output = Vec<SessionId>;

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Vec<SessionId>, CommandError> {
        if !store::credentials::replace_password(tx, self.user, &self.old_hash, &self.new_hash).await? {
            // The password was changed or reset after it was compared.
            return Err(Error { code: Code::PasswordRequired, ..Error::invalid(vec![wrong_password()]) }.into());
        }
        revoke_links_and_devices(tx, self.user).await?;
        store::sessions::set_authenticated_at(tx, self.session, ctx.at).await?;
        ctx.notify(tx, self.user, &NotificationKind::PasswordChanged { by_link: false }).await?;
        end_sessions(tx, ctx, self.user, Some(self.session)).await
    }
}

/// Sets a new password with a reset link.
struct ResetPasswordHash {
    link: [u8; 32],
    new_hash: String,
}

#[async_trait]
impl Command for ResetPasswordHash {
    type Output = Vec<SessionId>;

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Vec<SessionId>, CommandError> {
        let (link, account) = links::lock(tx, LinkKind::Reset, &self.link).await?;
        if link.expires_at <= ctx.at || !store::one_time_links::consume(tx, &self.link, ctx.at).await? {
            return Err(links::invalid().into());
        }
        if !link.matches_email(&account) {
            return Err(links::invalid().into());
        }
        store::credentials::set_password(tx, link.user_id, &self.new_hash).await?;
        revoke_links_and_devices(tx, link.user_id).await?;
        ctx.notify(tx, link.user_id, &NotificationKind::PasswordChanged { by_link: true }).await?;
        end_sessions(tx, ctx, link.user_id, None).await
    }
}
