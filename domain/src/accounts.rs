//! Making an account and signing in and out.

use crate::{
    Service, audit, credentials,
    fault::{Fault, OrBroken},
    leaving,
    ledger::{Log, Write},
    people::names,
    rights::Right,
    rooms,
    sign_ins::{Started, Starting},
    store::{
        self, Tx,
        links::Kind,
        users::{CredentialsRow, NewUser},
    },
    tokens,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{Deactivate, Login, Register},
    credentials::Config,
    error::{Code, FieldError},
    event::{Change, SessionEnded},
    id::{ClientId, RoomId, SessionId, UserId},
    limits,
    page::Created,
    port::{Accounts, ServiceConfig},
    room::RoomRole,
    session::{Caller, Client, Tokens},
    user::Role,
};
use uuid::Uuid;

/// Milliseconds for which a sign-up may be repeated: an answer that was lost is asked for again at once.
const REPEATED: i64 = 10 * 60 * 1000;

#[async_trait]
impl Accounts for Service {
    async fn register(&self, client: &Client, command: Register, key: Option<ClientId>) -> Result<Created<Tokens>> {
        let command = self.check_registration(command).await?;
        if let Some(key) = &key {
            limits::client_id("Idempotency-Key", key)?;
            if let Some(tokens) = self.registered_before(client, &command, key).await? {
                return Ok(Created { thing: tokens, new: false });
            }
        }
        self.knock(command.invitation.as_deref()).await?;
        let password_hash = self.passwords.hash(command.password).await?;
        let (refresh_token, starting) = self.starting(client);
        let display_name = command.display_name.unwrap_or_else(|| command.username.clone());
        // Where mail is sent, an address is somebody's once the link that is sent there is followed.
        let (link, link_hash) = tokens::new_secret(&self.clock);
        let to_verify =
            command.email.clone().filter(|_| self.sends_mail()).map(|email| (email, command.username.clone()));
        let made = self
            .ledger
            .write(MakeAccount {
                username: command.username,
                display_name,
                email: command.email,
                password_hash,
                setup_code: command.setup_code,
                expected_setup_code: self.setup_code.clone(),
                email_link: to_verify.is_some().then_some(link_hash),
                invitation: command.invitation,
                default_config: self.default_config.clone(),
                key,
                lobby: self.lobby,
                starting,
            })
            .await?;
        if let Some((email, name)) = to_verify {
            let url = self.link_url(Kind::Email, &link);
            let asked = match self.may_write_to(&email) {
                Ok(()) => self.write_verification(made.0, &name, &email, &url).await,
                refused => refused,
            };
            if let Err(error) = asked {
                tracing::warn!(%error, user = %made.0, "the address of a new account is not asked to be verified");
            }
        }
        audit::signed_in("sign-up", made.0, made.1.session);
        let tokens = self.tokens(made.0, made.1, refresh_token).await?;
        Ok(Created { thing: tokens, new: true })
    }

    async fn has_accounts(&self) -> Result<bool> {
        store::users::any(&self.store.read).await.or_broken()
    }

    fn needs_setup_code(&self) -> bool {
        self.setup_code.is_some()
    }

    async fn deactivate(&self, caller: &Caller, command: Deactivate) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.prove(caller, command.password).await?;
        self.ledger.write(Leave { user: caller.user_id, lobby: self.lobby }).await?;
        // The events tell the other nodes; here it is over before the answer.
        self.sessions.end(caller.session_id);
        self.hand_over_the_rest(caller.user_id).await;
        Ok(())
    }
}

impl Service {
    /// Tells all that is wrong with a sign-up at once, a weak password too.
    async fn check_registration(&self, command: Register) -> Result<Register> {
        let known = [Some(&command.username), command.email.as_ref(), command.display_name.as_ref()];
        let about = known.into_iter().flatten().map(|text| text.chars().take(limits::EMAIL_CHARS).collect()).collect();
        let weakness = self.passwords.weakness("password", &command.password, about).await?;
        match (limits::register(command), weakness) {
            (checked, None) => checked,
            (checked, Some(weakness)) => {
                let mut errors = checked.err().map(|error| error.errors).unwrap_or_default();
                errors.push(weakness);
                Err(Error::invalid(errors))
            }
        }
    }

    /// A repeat of a sign-up whose answer was lost: whoever knows its key and password is signed in. Keys are no secrets,
    /// so this is a try at the password like any other.
    async fn registered_before(&self, client: &Client, command: &Register, key: &ClientId) -> Result<Option<Tokens>> {
        let name = limits::fold(&command.username);
        let found = store::users::find_credentials(&self.store.read, &name).await;
        let Some(account) = found.or_broken()? else { return Ok(None) };
        let repeats = account.client_key.as_deref() == Some(key.0.as_str());
        if !repeats || self.clock.now() >= account.created_at.plus(REPEATED) {
            return Ok(None);
        }
        let theirs = Some((account.id, account.password_hash.clone()));
        if !self.is_password(client, &name, theirs, command.password.clone()).await? {
            // As who comes later and is refused: the same answer, and no more than the one hash that it costs them.
            self.knock(command.invitation.as_deref()).await?;
            return Err(username_taken());
        }
        // A repeat follows at once, so the account has no second factor that could be asked for.
        self.sign_in(client, account, None).await.map(Some)
    }

    /// The account of this name, if the password is right.
    pub(crate) async fn check_password(&self, client: &Client, command: Login) -> Result<CredentialsRow> {
        // Whatever is longer is nobody's, and takes as long to find out.
        let key = limits::fold(&command.login.chars().take(limits::EMAIL_CHARS + 1).collect::<String>());
        let account = store::users::find_credentials(&self.store.read, &key).await.or_broken()?;
        let theirs = account.as_ref().map(|account| (account.id, account.password_hash.clone()));
        let right = self.is_password(client, &key, theirs, command.password).await?;
        account.filter(|_| right).ok_or_else(wrong_credentials)
    }
}

pub fn deactivated() -> Error {
    let detail = "This account is deactivated. Ask an administrator to bring it back.";
    Error::new(Code::Deactivated, detail)
}

struct MakeAccount {
    username: String,
    display_name: String,
    email: Option<String>,
    password_hash: String,
    setup_code: Option<String>,
    expected_setup_code: Option<String>,
    key: Option<ClientId>,
    /// The hash of the link that verifies the address.
    email_link: Option<[u8; 32]>,
    invitation: Option<String>,
    default_config: Config,
    lobby: RoomId,
    starting: Starting,
}

#[async_trait]
impl Write for MakeAccount {
    type Done = (UserId, Started);

    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<Self::Done, Fault> {
        if let Some(made) = self.starting.find_started(tx).await? {
            return Ok(made);
        }
        let is_first = !store::users::any_in(tx).await?;
        let role = if is_first {
            self.check_setup_code()?;
            Role::Admin
        } else {
            let config = credentials::read_config(tx, &self.default_config).await?;
            credentials::enter(tx, &config, self.invitation.as_deref(), log.at).await?
        };
        let email_key = self.email.as_deref().filter(|_| self.email_link.is_none()).map(limits::fold);
        let user = NewUser {
            id: UserId(log.clock.id()),
            username: &self.username,
            username_key: &limits::fold(&self.username),
            display_name: &self.display_name,
            email: self.email.as_deref(),
            email_key: email_key.as_deref(),
            password_hash: &self.password_hash,
            role,
            client_key: self.key.as_ref().map(|key| key.0.as_str()),
            created_at: log.at,
        };
        if !store::users::create(tx, &user).await? {
            let name_taken = store::users::is_name_taken(tx, user.username_key).await?;
            return Err(if name_taken { username_taken() } else { credentials::email_taken() }.into());
        }
        if let (Some(hash), Some(email)) = (&self.email_link, &self.email) {
            credentials::keep_email_link(tx, log.at, user.id, hash, email).await?;
        }
        names::remember(tx, user.id, user.username, user.display_name).await?;
        // Everyone but guests is in the Lobby.
        if role != Role::Guest {
            let place = if is_first { RoomRole::Owner } else { RoomRole::Member };
            rooms::enter(tx, log, self.lobby, user.id, place).await?;
        }
        let started = self.starting.start(tx, log, user.id).await?;
        Ok((user.id, started))
    }
}

impl MakeAccount {
    fn check_setup_code(&self) -> Result<()> {
        let Some(expected) = &self.expected_setup_code else { return Ok(()) };
        let given = self.setup_code.as_deref().unwrap_or_default().trim();
        // Compared by hash, so that the time taken says nothing about the code.
        if tokens::hash(given) == tokens::hash(expected) {
            return Ok(());
        }
        let message = "Enter the set-up code that the server printed when it started.";
        Err(Error {
            errors: vec![FieldError::new("setup_code", "invalid", message)],
            ..Error::new(Code::SetupCodeNeeded, message)
        })
    }
}

fn username_taken() -> Error {
    let detail = "Someone else has that username. Choose another.";
    let errors = vec![FieldError::new("username", "taken", detail)];
    Error { errors, ..Error::new(Code::UsernameTaken, detail) }
}

pub fn wrong_credentials() -> Error {
    Error::new(Code::WrongCredentials, "That name and password do not belong together.")
}

struct Leave {
    user: UserId,
    lobby: RoomId,
}

#[async_trait]
impl Write for Leave {
    type Done = ();

    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    /// Their rooms are handed over.
    fn speaker(&self) -> Option<UserId> {
        Some(self.user)
    }

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        leaving::deactivate(tx, log, self.lobby, self.user).await.map(|_| ())
    }
}

pub(crate) struct EndSession {
    pub user: UserId,
    pub session: SessionId,
}

#[async_trait]
impl Write for EndSession {
    type Done = ();

    async fn run(&self, tx: &mut Tx, log: &mut Log) -> Result<(), Fault> {
        end_session(tx, log, self.user, self.session).await
    }
}

/// Ends every session of a person, or every other one; answers which.
pub async fn end_sessions(
    tx: &mut Tx,
    log: &mut Log,
    user: UserId,
    but: Option<SessionId>,
) -> Result<Vec<SessionId>, Fault> {
    let ended = store::credentials::end_sessions(tx, user, but.unwrap_or(SessionId(Uuid::nil())), log.at).await?;
    for session_id in &ended {
        log.tell(user, session_id.0, Change::SessionEnded(SessionEnded { session_id: *session_id }));
    }
    Ok(ended)
}

/// Ends these sessions of a person, unless they are over, and tells the person's clients.
pub async fn end_these(tx: &mut Tx, log: &mut Log, user: UserId, ids: &[SessionId]) -> Result<(), Fault> {
    for session_id in store::sessions::end_these(tx, ids, log.at).await? {
        log.tell(user, session_id.0, Change::SessionEnded(SessionEnded { session_id }));
    }
    Ok(())
}

/// Ends a session, unless it is over, and tells its person's clients.
pub async fn end_session(tx: &mut Tx, log: &mut Log, user: UserId, session_id: SessionId) -> Result<(), Fault> {
    if store::sessions::end(tx, session_id, log.at).await? {
        log.tell(user, session_id.0, Change::SessionEnded(SessionEnded { session_id }));
    }
    Ok(())
}
