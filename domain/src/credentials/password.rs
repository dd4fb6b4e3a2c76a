//! Changing a password, and setting it anew with a link.

use super::links;
use crate::{
    Service, accounts,
    fault::{Fault, OrBroken},
    ledger::{Log, Write},
    mail::letter::Letter,
    rights::Right,
    store::{self, Tx, credentials::AccountRow, links::Kind},
    tokens,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{ChangePassword, ForgotPassword, ResetPassword},
    credentials::ResetLink,
    error::{Code, FieldError},
    id::{SessionId, UserId},
    limits,
    notification::Notice,
    port::Passwords,
    session::Caller,
};
use tokio::sync::Semaphore;

/// Requests for links that are worked on at once.
static FORGOTTEN: Semaphore = Semaphore::const_new(64);

#[async_trait]
impl Passwords for Service {
    async fn change_password(&self, caller: &Caller, command: ChangePassword) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        let account = self.find_account(caller.user_id).await?;
        let mut errors = Vec::new();
        if !self.is_own_password(caller, command.current_password, Some(account.password_hash.clone())).await? {
            errors.push(wrong());
        }
        errors.extend(self.find_fault(&command.new_password, &account).await?);
        if !errors.is_empty() {
            let proved = errors[0].field != "current_password";
            let code = if proved { Code::Invalid } else { Code::PasswordNeeded };
            return Err(Error { code, ..Error::invalid(errors) });
        }
        let new_hash = self.passwords.hash(command.new_password).await?;
        let (user, session) = (caller.user_id, caller.session_id);
        let old_hash = account.password_hash.clone();
        let ended = self.ledger.write(ChangeHash { user, session, old_hash, new_hash }).await?;
        self.password_changed(&account, &ended);
        Ok(())
    }

    async fn forgot_password(&self, command: ForgotPassword) -> Result<()> {
        self.mailer()?;
        let login = limits::fold(&command.login.chars().take(limits::EMAIL_CHARS + 1).collect::<String>());
        let turn = FORGOTTEN.try_acquire();
        let turn = turn.map_err(|_| Error::new(Code::Busy, "Too many links are being made. Try again in a moment."))?;
        let service = self.itself()?;
        tokio::spawn(async move {
            let _turn = turn;
            if let Err(error) = service.send_reset(&login).await {
                tracing::error!(%error, "a link that sets a password could not be made");
            }
        });
        Ok(())
    }

    async fn check_reset(&self, token: &str) -> Result<()> {
        self.find_reset(token).await.map(|_| ())
    }

    async fn reset_password(&self, command: ResetPassword) -> Result<()> {
        let account = self.find_reset(&command.token).await?;
        if let Some(error) = self.find_fault(&command.new_password, &account).await? {
            return Err(error.into());
        }
        let new_hash = self.passwords.hash(command.new_password).await?;
        let link = tokens::hash(&command.token);
        let ended = self.ledger.write(ResetHash { link, new_hash }).await?;
        self.password_changed(&account, &ended);
        Ok(())
    }

    async fn make_reset_link(&self, caller: &Caller, user: UserId) -> Result<ResetLink> {
        Right::LetBackIn.check(caller)?;
        self.recently_proved(caller, None).await?;
        let account = store::credentials::find(&self.store.read, user).await.or_broken()?;
        let account = account.ok_or_else(|| Error::not_found("person"))?;
        let (url, expires_at) = self.make_link(Some(caller), account.id, Kind::Reset, None).await?;
        tracing::info!(by = %caller.user_id, %user, "an administrator made a link that sets a password");
        Ok(ResetLink { url, expires_at })
    }
}

impl Service {
    /// The link goes to the address that the account has, never to what was typed, and only once its owner has shown that
    /// mail to it arrives: else whoever reads the mail of a mistyped address would have the account.
    async fn send_reset(&self, login: &str) -> Result<()> {
        let found = store::credentials::find_by_login(&self.store.read, login).await.or_broken()?;
        let found = found.filter(|account| account.deactivated_at.is_none());
        let Some((account, address)) = found.as_ref().and_then(|account| Some((account, account.verified_email()?)))
        else {
            return Ok(());
        };
        if !self.mailer()?.may_ask(Kind::Reset, &limits::fold(address)) {
            tracing::warn!(user = %account.id, "too many links were asked for; this one is not sent");
            return Ok(());
        }
        let (url, _) = self.make_link(None, account.id, Kind::Reset, Some(address.to_owned())).await?;
        self.mailer()?.send(Letter::reset(address, &account.username, &url));
        Ok(())
    }

    /// Whose password a link sets; the link stays good.
    pub(super) async fn find_reset(&self, token: &str) -> Result<AccountRow> {
        if !limits::code(token) {
            return Err(links::invalid());
        }
        let hash = tokens::hash(token);
        let link = store::links::find(&self.store.read, Kind::Reset, &hash).await.or_broken()?;
        let link = link.filter(|link| links::is_good(link, self.clock.now())).ok_or_else(links::invalid)?;
        let account = self.find_account(link.user_id).await?;
        if link.is_of(&account) { Ok(account) } else { Err(links::invalid()) }
    }

    pub(super) async fn find_account(&self, user: UserId) -> Result<AccountRow> {
        store::credentials::find(&self.store.read, user).await.or_broken()?.ok_or_else(Error::internal)
    }

    /// What is wrong with a new password.
    async fn find_fault(&self, password: &str, account: &AccountRow) -> Result<Option<FieldError>> {
        if let Err(error) = limits::new_password("new_password", password) {
            return Ok(Some(error));
        }
        self.passwords.weakness("new_password", password, account.known()).await
    }

    fn password_changed(&self, account: &AccountRow, ended: &[SessionId]) {
        // The events tell the other nodes; here they are over before the answer.
        for session in ended {
            self.sessions.end(*session);
        }
        self.write_to(account, Letter::password_changed);
    }
}

fn wrong() -> FieldError {
    FieldError::new("current_password", "wrong", "That is not your password.")
}

/// With a new password, whatever someone else prepared with the old one leads nowhere: links, an address that waits to be
/// verified, devices that are known.
async fn forget_ways_in(tx: &mut Tx, user: UserId) -> sqlx::Result<()> {
    store::links::forget(tx, Kind::Reset, user).await?;
    store::links::forget(tx, Kind::Email, user).await?;
    store::devices::forget(tx, user).await
}

/// A new password in place of the one that was shown.
struct ChangeHash {
    user: UserId,
    session: SessionId,
    old_hash: String,
    new_hash: String,
}

#[async_trait]
impl Write for ChangeHash {
    type Done = Vec<SessionId>;

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Vec<SessionId>, Fault> {
        if !store::credentials::replace_password(tx, self.user, &self.old_hash, &self.new_hash).await? {
            // It was changed or set anew since it was compared.
            return Err(Error { code: Code::PasswordNeeded, ..Error::invalid(vec![wrong()]) }.into());
        }
        forget_ways_in(tx, self.user).await?;
        store::sessions::authenticate(tx, self.session, log.at).await?;
        log.notify(tx, self.user, &Notice::PasswordChanged { by_link: false }).await?;
        accounts::end_sessions(tx, log, self.user, Some(self.session)).await
    }
}

/// A new password by the strength of a link.
struct ResetHash {
    link: [u8; 32],
    new_hash: String,
}

#[async_trait]
impl Write for ResetHash {
    type Done = Vec<SessionId>;

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Vec<SessionId>, Fault> {
        let (link, account) = links::hold(tx, Kind::Reset, &self.link).await?;
        if link.expires_at <= log.at || !store::links::use_up(tx, &self.link, log.at).await? {
            return Err(links::invalid().into());
        }
        if !link.is_of(&account) {
            return Err(links::invalid().into());
        }
        store::credentials::set_password(tx, link.user_id, &self.new_hash).await?;
        forget_ways_in(tx, link.user_id).await?;
        log.notify(tx, link.user_id, &Notice::PasswordChanged { by_link: true }).await?;
        accounts::end_sessions(tx, log, link.user_id, None).await
    }
}
