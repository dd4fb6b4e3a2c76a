//! Signing in, once the password is known to be right: the code where one is needed, the session, and what is told about
//! a device that was not known.

use super::second_factor::{self, Code};
use crate::{
    Network, Service, accounts,
    accounts::EndSession,
    audit,
    clock::Clock,
    device::Device,
    fault::{Fault, OrBroken},
    keys::hex,
    ledger::{Log, Write},
    rights::Right,
    sessions::{ACCESS_SECONDS, Lifetimes},
    store::{self, Tx, sessions::NewSession, users::CredentialsRow},
    tokens,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{ConfirmPassword, Login},
    error,
    id::{SessionId, UserId},
    limits,
    notification::Notice,
    port::Auth,
    session::{Caller, Client, Step, Tokens, runs_on},
};

/// Names by which a browser is known to the people who share it.
const NAMES: usize = 4;
/// Devices of one person that are remembered.
const DEVICES: i64 = 50;
/// Sign-ins beyond the limit that end with one sign-in: an earlier version knew no limit.
const AT_ONCE: usize = 500;

#[async_trait]
impl Auth for Service {
    async fn login(&self, client: &Client, command: Login) -> Result<Tokens> {
        let code = command.totp.clone();
        let account = self.check_password(client, command).await?;
        self.sign_in(client, account, code).await
    }

    async fn logout(&self, caller: &Caller) -> Result<()> {
        Right::Look.check(caller)?;
        let end = EndSession { user: caller.user_id, session: caller.session_id };
        self.ledger.write(end).await?;
        // The event tells the other nodes; here it is over before the answer.
        self.sessions.end(caller.session_id);
        audit::signed_out(caller.user_id, caller.session_id);
        Ok(())
    }

    async fn begin_sign_in(&self, client: &Client, command: Login) -> Result<Step> {
        let code = command.totp.clone();
        let account = self.check_password(client, command).await?;
        let (user, password_hash) = (account.id, account.password_hash.clone());
        match self.sign_in(client, account, code).await {
            Ok(tokens) => Ok(Step::Done(Box::new(tokens))),
            Err(error) if error.code == error::Code::TotpNeeded => {
                Ok(Step::CodeNeeded(self.signer.sign_step(user, &password_hash, self.clock.now())?))
            }
            Err(error) => Err(error),
        }
    }

    async fn finish_sign_in(&self, client: &Client, step: &str, code: String) -> Result<Tokens> {
        let over = || Error::new(error::Code::WrongCredentials, "That took too long. Begin again with your password.");
        let (user, mark) = self.signer.check_step(step, self.clock.now()).ok_or_else(over)?;
        let account = store::users::find_credentials_of(&self.store.read, user).await.or_broken()?;
        let account = account.filter(|account| tokens::mark(&account.password_hash) == mark).ok_or_else(over)?;
        if code.trim().is_empty() {
            return Err(second_factor::needed());
        }
        self.sign_in(client, account, Some(code)).await
    }

    async fn confirm_password(&self, caller: &Caller, command: ConfirmPassword) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.prove(caller, command.password).await
    }

    async fn check_proof(&self, caller: &Caller) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.recently_proved(caller, None).await
    }

    fn seal(&self, text: &str) -> Result<String> {
        self.signer.seal(text, self.clock.now())
    }

    fn is_sealed(&self, text: &str, seal: &str) -> bool {
        self.signer.is_sealed(text, seal, self.clock.now())
    }
}

impl Service {
    /// Signs in who gave the right password, with the code of their second factor if they have one.
    pub(crate) async fn sign_in(
        &self,
        client: &Client,
        account: CredentialsRow,
        code: Option<String>,
    ) -> Result<Tokens> {
        let (user, password_hash) = (account.id, account.password_hash);
        let code = code.as_deref().map(str::trim).filter(|code| !code.is_empty()).map(Code::read);
        // A wrong code is counted before it is looked at, so that many at once are no way around the limit.
        let guess = code.as_ref().map(|code| self.guesses.begin(user, code, self.clock.now())).transpose()?;
        let (refresh_token, starting) = self.starting(client);
        let how = if code.is_some() { "code" } else { "password" };
        let started = self.ledger.write(StartSession { user, password_hash, starting, code }).await;
        let started = started.inspect_err(|error| audit::failed(how, user, error))?;
        audit::signed_in(how, user, started.session);
        if let Some(guess) = guess {
            self.guesses.was_right(guess);
        }
        self.tokens(user, started, refresh_token).await
    }

    /// What a new session is made from, and its refresh token.
    pub(crate) fn starting(&self, client: &Client) -> (String, Starting) {
        let (token, refresh_hash) = tokens::new_secret(&self.clock);
        let known = Known::of(client, &self.clock);
        (token, Starting { client: client.clone(), refresh_hash, known, lifetimes: self.lifetimes })
    }

    pub(crate) async fn tokens(&self, user: UserId, started: Started, refresh_token: String) -> Result<Tokens> {
        let row = store::users::find(&self.store.read, user).await.or_broken()?.ok_or_else(Error::internal)?;
        Ok(Tokens {
            access_token: self.signer.sign(user, started.session, self.clock.now())?,
            token_type: "Bearer".into(),
            expires_in: ACCESS_SECONDS,
            refresh_token,
            user: row.own(&self.sight()),
            session_id: started.session,
            device: started.device,
        })
    }
}

/// By what a device is known: a browser by what it remembers, another program by what it is and where it asks from.
struct Known {
    /// What it already says of itself; any of it will do.
    names: Vec<String>,
    /// What it is to remember from now on, if nothing of that is known for this person. Never what it came with: someone
    /// else may have put that there.
    fresh: String,
    is_browser: bool,
}

/// The names by which a browser is known, as far as it remembers: nobody else can guess them.
pub fn remembered(client: &Client) -> Vec<String> {
    let is_name = |name: &&str| name.len() == 32 && name.bytes().all(|b| b.is_ascii_hexdigit());
    let names = client.device.as_deref().unwrap_or_default();
    names.split('.').filter(is_name).take(NAMES).map(str::to_owned).collect()
}

impl Known {
    fn of(client: &Client, clock: &Clock) -> Self {
        if client.device.is_some() {
            return Self { names: remembered(client), fresh: hex(&clock.secret::<16>()), is_browser: true };
        }
        let Device { device, browser } = Device::of(&client.user_agent);
        let name = format!("{} in {:?}", runs_on(browser, device), Network::named(&client.ip));
        Self { names: vec![name.clone()], fresh: name, is_browser: false }
    }

    /// What the browser is to remember when `fresh` is added.
    fn with_fresh(&self) -> String {
        let names = std::iter::once(&self.fresh).chain(&self.names).take(NAMES);
        names.map(String::as_str).collect::<Vec<_>>().join(".")
    }
}

/// What a new session needs beside its person.
pub struct Starting {
    client: Client,
    refresh_hash: [u8; 32],
    known: Known,
    lifetimes: Lifetimes,
}

/// A session that has begun.
#[derive(Clone)]
pub struct Started {
    pub session: SessionId,
    /// What the browser is to remember.
    pub device: Option<String>,
}

impl From<SessionId> for Started {
    fn from(session: SessionId) -> Self {
        Self { session, device: None }
    }
}

impl Starting {
    /// The session that this very sign-in started: the database may give up a batch that it had already kept.
    pub async fn find_started(&self, tx: &mut Tx) -> sqlx::Result<Option<(UserId, Started)>> {
        let token = store::sessions::find_refresh(tx, &self.refresh_hash).await?;
        Ok(token.map(|token| (token.user_id, token.session_id.into())))
    }

    pub async fn start(&self, tx: &mut Tx, log: &mut Log, user_id: UserId) -> Result<Started, Fault> {
        let id = SessionId(log.clock.id());
        let device = Device::of(&self.client.user_agent);
        let expires_at = log.at.plus(self.lifetimes.idle.min(self.lifetimes.whole));
        let session = NewSession { id, user_id, client: &self.client, device, created_at: log.at, expires_at };
        store::sessions::create(tx, &session).await?;
        store::sessions::create_refresh(tx, &self.refresh_hash, id).await?;
        let surplus = store::sessions::list_surplus(tx, user_id, limits::SIGN_INS, AT_ONCE).await?;
        accounts::end_these(tx, log, user_id, &surplus).await?;
        let device = self.recognise(tx, log, user_id, (id, device)).await?;
        Ok(Started { session: id, device })
    }

    /// Tells the person of a device that they have not signed in from, unless it is their first.
    async fn recognise(
        &self,
        tx: &mut Tx,
        log: &mut Log,
        user: UserId,
        (session_id, on): (SessionId, Device),
    ) -> Result<Option<String>, Fault> {
        for name in &self.known.names {
            if store::devices::touch(tx, user, &tokens::hash(name), log.at).await? {
                return Ok(None);
            }
        }
        let is_first = !store::devices::any(tx, user, session_id).await?;
        store::devices::create(tx, user, &tokens::hash(&self.known.fresh), log.at, DEVICES).await?;
        if !is_first {
            let (device, browser) = (on.device.into(), on.browser.into());
            let notice = Notice::NewSignIn { session_id, device, browser, ip: self.client.ip.clone() };
            log.notify(tx, user, &notice).await?;
        }
        Ok(self.known.is_browser.then(|| self.known.with_fresh()))
    }
}

struct StartSession {
    user: UserId,
    /// What the password was compared with.
    password_hash: String,
    starting: Starting,
    code: Option<Code>,
}

#[async_trait]
impl Write for StartSession {
    type Done = Started;

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Started, Fault> {
        if let Some((_, started)) = self.starting.find_started(tx).await? {
            return Ok(started);
        }
        let account = store::credentials::hold(tx, self.user).await?.ok_or_else(accounts::wrong_credentials)?;
        if account.password_hash != self.password_hash {
            // It was set anew since it was compared, and every session ended: this one is not to outlive them.
            return Err(accounts::wrong_credentials().into());
        }
        if account.deactivated_at.is_some() {
            return Err(accounts::deactivated().into());
        }
        second_factor::take(tx, log, self.user, self.code.as_ref()).await?;
        self.starting.start(tx, log, self.user).await
    }
}
