//! Login after the password is verified: the second factor if required, the session, and the notification about an
//! unknown device.

use super::second_factor;
use crate::{
    Network, Service, audit,
    auth::{
        data_key::DataKey,
        end_sessions::{EndSession, end_sessions_by_id},
        second_factor::FactorCode,
        session_cache::ACCESS_SECONDS,
        tokens,
    },
    clock::Clock,
    digest::hex,
    error::{CommandError, DbResultExt},
    events::ledger::{Actor, Command, CommandContext},
    store::{
        self, Tx,
        sessions::{Lifetimes, NewSession},
        users::CredentialsRow,
    },
    user_agent::UserAgent,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{ConfirmPassword, Login},
    error::{self, Code},
    id::{SessionId, UserId},
    limits,
    notification::NotificationKind,
    permissions::Permission,
    port::Auth,
    session::{Caller, Client, LoginStep, Tokens, describe_client},
};
use std::sync::Arc;

/// Device ids per browser: several users may share one.
const MAX_DEVICE_IDS: usize = 4;
/// Known devices per user.
const MAX_DEVICES: i64 = 50;
/// Surplus sessions ended per login: an earlier version had no limit.
const BATCH_SIZE: usize = 500;

#[async_trait]
impl Auth for Service {
    async fn login_user(&self, client: &Client, command: Login) -> Result<Tokens> {
        let code = command.totp.clone();
        let account = self.check_password(client, command).await?;
        self.create_session(client, account, code).await
    }

    async fn logout_user(&self, caller: &Caller) -> Result<()> {
        Permission::Read.check(caller)?;
        let end = EndSession { user: caller.user_id, session: caller.session_id };
        self.ledger.write(caller, end).await?;
        // The event informs the other nodes; here the session ends before the response.
        self.sessions.mark_ended(caller.session_id);
        audit::logged_out(caller.user_id, caller.session_id);
        Ok(())
    }

    async fn start_login(&self, client: &Client, command: Login) -> Result<LoginStep> {
        let code = command.totp.clone();
        let account = self.check_password(client, command).await?;
        let (user, password_hash) = (account.id, account.password_hash.clone());
        match self.create_session(client, account, code).await {
            Ok(tokens) => Ok(LoginStep::Done(Box::new(tokens))),
            Err(error) if error.code == error::Code::TotpRequired => {
                Ok(LoginStep::TotpRequired(self.signer.sign_login_step(user, &password_hash, self.clock.now())?))
            }
            Err(error) => Err(error),
        }
    }

    async fn finish_login(&self, client: &Client, step: &str, code: String) -> Result<Tokens> {
        let expired =
            || Error::new(error::Code::WrongCredentials, "Your sign-in timed out. Enter your password again.");
        let (user, fingerprint) = self.signer.verify_login_step(step, self.clock.now()).ok_or_else(expired)?;
        let account = store::users::find_credentials_of(&self.store.read, user).await.or_internal()?;
        let account =
            account.filter(|account| tokens::fingerprint(&account.password_hash) == fingerprint).ok_or_else(expired)?;
        if code.trim().is_empty() {
            return Err(second_factor::totp_required());
        }
        self.create_session(client, account, Some(code)).await
    }

    async fn confirm_password(&self, caller: &Caller, command: ConfirmPassword) -> Result<()> {
        Permission::ManageCredentials.check(caller)?;
        self.reauthenticate(caller, command.password).await
    }

    async fn check_recent_password(&self, caller: &Caller) -> Result<()> {
        Permission::ManageCredentials.check(caller)?;
        self.require_recent_password(caller, None).await
    }

    fn sign_text(&self, text: &str) -> Result<String> {
        self.signer.sign_text(text, self.clock.now())
    }

    fn verify_text(&self, text: &str, signature: &str) -> bool {
        self.signer.verify_text(text, signature, self.clock.now())
    }

    fn wrap_text(&self, text: &str) -> Result<String> {
        self.signer.wrap_text(text, self.clock.now())
    }

    fn unwrap_text(&self, token: &str) -> Option<String> {
        self.signer.unwrap_text(token, self.clock.now())
    }
}

impl Service {
    /// Finds the account of a login and verifies its password.
    pub(crate) async fn check_password(&self, client: &Client, command: Login) -> Result<CredentialsRow> {
        let key = limits::login_key(&command.login);
        let account = store::users::find_credentials(&self.store.read, &key).await.or_internal()?;
        let stored_credentials = account.as_ref().map(|account| (account.id, account.password_hash.clone()));
        let hash = self.verify_password(client, &key, stored_credentials, command.password).await?;
        account
            .zip(hash)
            .map(|(account, password_hash)| CredentialsRow { password_hash, ..account })
            .ok_or_else(wrong_credentials)
    }

    /// Creates a session for a user whose password was verified; requires the code if the user has a second factor.
    pub(crate) async fn create_session(
        &self,
        client: &Client,
        account: CredentialsRow,
        code: Option<String>,
    ) -> Result<Tokens> {
        let (user, password_hash) = (account.id, account.password_hash);
        let code = code.as_deref().map(str::trim).filter(|code| !code.is_empty()).map(FactorCode::parse);
        // The attempt is counted before the code is checked, so that parallel attempts cannot bypass the limit.
        let attempt =
            code.as_ref().map(|code| self.totp_throttle.begin(user, code, self.clock.uptime())).transpose()?;
        let (refresh_token, session) = self.new_session(client);
        let how = if code.is_some() { "code" } else { "password" };
        let (key, given) = (self.data_key.clone(), code.clone());
        let command = CreateSession { user, password_hash, session, key, code };
        let created = match self.ledger.write(Actor::Visitor, command).await {
            Ok(created) => created,
            Err(error) => {
                if error.code == Code::WrongTotp && self.is_replayed(user, given.as_ref()).await {
                    audit::credential_rejected(how, Some(user), second_factor::REPLAYED);
                } else {
                    audit::login_failed(how, user, &error);
                }
                return Err(error);
            }
        };
        audit::logged_in(how, user, created.session);
        if let Some(attempt) = attempt {
            self.totp_throttle.succeeded(attempt);
        }
        self.issue_tokens(user, created, refresh_token).await
    }

    /// A new refresh token, and the data of its session.
    pub(crate) fn new_session(&self, client: &Client) -> (String, PendingSession) {
        let (token, refresh_hash) = tokens::new_secret(&self.clock);
        let known_device = KnownDevice::from_client(client, &self.clock);
        (token, PendingSession { client: client.clone(), refresh_hash, known_device, lifetimes: self.lifetimes })
    }

    pub(crate) async fn issue_tokens(
        &self,
        user: UserId,
        created: CreatedSession,
        refresh_token: String,
    ) -> Result<Tokens> {
        let row = store::users::find(&self.store.read, user).await.or_internal()?.ok_or_else(Error::internal)?;
        Ok(Tokens {
            access_token: self.signer.sign(user, created.session, self.clock.now())?,
            token_type: "Bearer".into(),
            expires_in: ACCESS_SECONDS,
            refresh_token,
            user: row.into_self(&self.view_context()),
            session_id: created.session,
            device_cookie: created.device_cookie,
        })
    }
}

pub fn wrong_credentials() -> Error {
    Error::new(Code::WrongCredentials, "Wrong username or password.")
}

pub fn account_deactivated() -> Error {
    let detail = "This account is deactivated. Ask an administrator to reactivate it.";
    Error::new(Code::Deactivated, detail)
}

/// Identifies a device: a browser by its device cookie, another program by its user agent and network.
struct KnownDevice {
    /// Ids that the device sent; any known one suffices.
    ids: Vec<String>,
    /// Id to store on the device if none of `ids` is known for this user. Never an id that the device sent: someone
    /// else may have planted it.
    new_id: String,
    is_browser: bool,
}

/// Device ids in a browser's cookie: nobody else can guess them.
pub fn device_ids(client: &Client) -> Vec<String> {
    let is_id = |name: &&str| name.len() == 32 && name.bytes().all(|b| b.is_ascii_hexdigit());
    let ids = client.device_cookie.as_deref().unwrap_or_default();
    ids.split('.').filter(is_id).take(MAX_DEVICE_IDS).map(str::to_owned).collect()
}

impl KnownDevice {
    fn from_client(client: &Client, clock: &Clock) -> Self {
        if client.device_cookie.is_some() {
            return Self { ids: device_ids(client), new_id: hex(&clock.secret::<16>()), is_browser: true };
        }
        let UserAgent { device, browser } = UserAgent::parse(&client.user_agent);
        let id = format!("{} in {:?}", describe_client(browser, device), Network::parse(&client.ip));
        Self { ids: vec![id.clone()], new_id: id, is_browser: false }
    }

    /// Cookie value with `new_id` added.
    fn cookie_value(&self) -> String {
        let ids = std::iter::once(&self.new_id).chain(&self.ids).take(MAX_DEVICE_IDS);
        ids.map(String::as_str).collect::<Vec<_>>().join(".")
    }
}

/// Data of a new session, apart from its user.
pub struct PendingSession {
    client: Client,
    refresh_hash: [u8; 32],
    known_device: KnownDevice,
    lifetimes: Lifetimes,
}

/// A created session.
#[derive(Clone)]
pub struct CreatedSession {
    pub session: SessionId,
    /// Device cookie to set.
    pub device_cookie: Option<String>,
}

impl From<SessionId> for CreatedSession {
    fn from(session: SessionId) -> Self {
        Self { session, device_cookie: None }
    }
}

impl PendingSession {
    /// The session created by an earlier run of this command: the database may have committed a batch that it reported
    /// as aborted.
    pub async fn find_created(&self, tx: &mut Tx) -> sqlx::Result<Option<(UserId, CreatedSession)>> {
        let token = store::sessions::find_refresh(tx, &self.refresh_hash).await?;
        Ok(token.map(|token| (token.user_id, token.session_id.into())))
    }

    pub async fn create(
        &self,
        tx: &mut Tx,
        ctx: &mut CommandContext,
        user_id: UserId,
    ) -> Result<CreatedSession, CommandError> {
        let id = SessionId(ctx.clock.id());
        let user_agent = UserAgent::parse(&self.client.user_agent);
        let expires_at = ctx.at.plus(self.lifetimes.idle.min(self.lifetimes.absolute));
        let session =
            NewSession { id, user_id, client: &self.client, device: user_agent, created_at: ctx.at, expires_at };
        store::sessions::create(tx, &session).await?;
        store::sessions::create_refresh(tx, &self.refresh_hash, id).await?;
        let surplus = store::sessions::list_surplus(tx, user_id, limits::SESSIONS_PER_USER, BATCH_SIZE).await?;
        end_sessions_by_id(tx, ctx, user_id, &surplus).await?;
        let device_cookie = self.record_device(tx, ctx, user_id, (id, user_agent)).await?;
        Ok(CreatedSession { session: id, device_cookie })
    }

    /// Notifies the user of a login from an unknown device, unless it is their first device.
    async fn record_device(
        &self,
        tx: &mut Tx,
        ctx: &mut CommandContext,
        user: UserId,
        (session_id, user_agent): (SessionId, UserAgent),
    ) -> Result<Option<String>, CommandError> {
        for id in &self.known_device.ids {
            if store::known_devices::touch(tx, user, &tokens::hash(id), ctx.at).await? {
                return Ok(None);
            }
        }
        let is_first = !store::known_devices::any(tx, user, session_id).await?;
        store::known_devices::create(tx, user, &tokens::hash(&self.known_device.new_id), ctx.at, MAX_DEVICES).await?;
        if !is_first {
            let (device, browser) = (user_agent.device.into(), user_agent.browser.into());
            let notice = NotificationKind::NewSignIn { session_id, device, browser, ip: self.client.ip.clone() };
            ctx.notify(tx, user, &notice).await?;
        }
        Ok(self.known_device.is_browser.then(|| self.known_device.cookie_value()))
    }
}

struct CreateSession {
    user: UserId,
    /// The hash that the password was compared with.
    password_hash: String,
    session: PendingSession,
    /// Opens the secret of the second factor.
    key: Arc<DataKey>,
    code: Option<FactorCode>,
}

#[async_trait]
impl Command for CreateSession {
    type Output = CreatedSession;

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<CreatedSession, CommandError> {
        if let Some((_, created)) = self.session.find_created(tx).await? {
            return Ok(created);
        }
        let account = store::credentials::lock(tx, self.user).await?.ok_or_else(wrong_credentials)?;
        if account.password_hash != self.password_hash {
            // The password was reset after it was compared, and every session was ended: this one must not survive.
            return Err(wrong_credentials().into());
        }
        if account.deactivated_at.is_some() {
            return Err(account_deactivated().into());
        }
        second_factor::consume_code(tx, ctx, &self.key, self.user, self.code.as_ref()).await?;
        self.session.create(tx, ctx, self.user).await
    }
}
