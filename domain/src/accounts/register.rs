//! Registration.

use crate::{
    Service,
    accounts::{config, deactivate, default_rooms, invitations},
    audit,
    auth::{
        email, links,
        login::{CreatedSession, PendingSession},
        tokens,
    },
    error::{CommandError, DbResultExt},
    events::ledger::{Actor, Command, CommandContext},
    rooms::membership,
    store::{
        self, Tx,
        one_time_links::LinkKind,
        users::{CredentialsRow, NewUser},
    },
    users::search::index,
};
use async_trait::async_trait;
use protocol::{
    Error, Result,
    command::{Deactivate, Register},
    credentials::Config,
    error::{Code, FieldError},
    id::{ClientId, RoomId, UserId},
    limits,
    page::Created,
    permissions::Permission,
    port::{Accounts, ServiceConfig},
    room::RoomRole,
    session::{Caller, Client, Tokens},
    user::Role,
};

/// Milliseconds for which a registration may be repeated: a client whose response was lost retries at once.
const IDEMPOTENCY_WINDOW: i64 = 10 * 60 * 1000;

#[async_trait]
impl Accounts for Service {
    async fn register_user(
        &self,
        client: &Client,
        command: Register,
        key: Option<ClientId>,
    ) -> Result<Created<Tokens>> {
        let command = self.check_registration(command).await?;
        if let Some(key) = &key {
            limits::client_id("Idempotency-Key", key)?;
            if let Some(tokens) = self.replay_registration(client, &command, key).await? {
                return Ok(Created { value: tokens, new: false });
            }
        }
        self.check_registration_open(command.invitation.as_deref()).await?;
        let password_hash = self.passwords.hash(command.password).await?;
        let (refresh_token, session) = self.new_session(client);
        let display_name = command.display_name.unwrap_or_else(|| command.username.clone());
        // Where mail is sent, an address is verified by the link that is sent to it.
        let (link, link_hash) = tokens::new_secret(&self.clock);
        let to_verify = command.email.clone().filter(|_| self.sends_mail());
        let default_rooms = store::default_rooms::list(&self.store.read).await.or_internal()?;
        let created = self
            .ledger
            .write(
                Actor::Visitor,
                CreateAccount {
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
                    default_rooms,
                    session,
                },
            )
            .await?;
        if let Some(email) = to_verify {
            let url = self.link_url(LinkKind::Email, &link);
            let sent = match self.check_mail_quota(&email) {
                Ok(()) => self.send_verification_email(created.0, &email, &url).await,
                refused => refused,
            };
            if let Err(error) = sent {
                tracing::warn!(%error, user = %created.0, "cannot send the verification email of a new account");
            }
        }
        audit::logged_in("sign-up", created.0, created.1.session);
        let tokens = self.issue_tokens(created.0, created.1, refresh_token).await?;
        Ok(Created { value: tokens, new: true })
    }

    async fn has_accounts(&self) -> Result<bool> {
        store::users::any(&self.store.read).await.or_internal()
    }

    fn needs_setup_code(&self) -> bool {
        self.setup_code.is_some()
    }

    async fn deactivate_user(&self, caller: &Caller, command: Deactivate) -> Result<()> {
        Permission::ManageCredentials.check(caller)?;
        self.reauthenticate(caller, command.password).await?;
        self.ledger.write(caller, Leave { user: caller.user_id, lobby: self.lobby }).await?;
        // The events inform the other nodes; here the session ends before the response.
        self.sessions.mark_ended(caller.session_id);
        self.transfer_remaining_rooms(caller.user_id).await;
        Ok(())
    }
}

impl Service {
    /// Reports all validation errors of a registration at once, including a weak password.
    async fn check_registration(&self, command: Register) -> Result<Register> {
        let public_names = [Some(&command.username), command.email.as_ref(), command.display_name.as_ref()];
        let user_inputs =
            public_names.into_iter().flatten().map(|text| text.chars().take(limits::EMAIL_CHARS).collect()).collect();
        let weakness = self.passwords.weakness("password", &command.password, user_inputs).await?;
        match (limits::register(command), weakness) {
            (checked, None) => checked,
            (checked, Some(weakness)) => {
                let mut errors = checked.err().map(|error| error.errors).unwrap_or_default();
                errors.push(weakness);
                Err(Error::invalid(errors))
            }
        }
    }

    /// Repeats a registration whose response was lost: a client with its key and password is logged in. Keys are not
    /// secret, so this counts as a password attempt.
    async fn replay_registration(&self, client: &Client, command: &Register, key: &ClientId) -> Result<Option<Tokens>> {
        let name = limits::name_key(&command.username);
        let found = store::users::find_credentials(&self.store.read, &name).await;
        let Some(account) = found.or_internal()? else { return Ok(None) };
        let repeats = account.client_key.as_deref() == Some(key.0.as_str());
        if !repeats || self.clock.now() >= account.created_at.plus(IDEMPOTENCY_WINDOW) {
            return Ok(None);
        }
        let stored_credentials = Some((account.id, account.password_hash.clone()));
        let hash = self.verify_password(client, &name, stored_credentials, command.password.clone()).await?;
        let Some(password_hash) = hash else {
            // Same response as for a later registration that is rejected, and no more than the one hash that it costs.
            self.check_registration_open(command.invitation.as_deref()).await?;
            return Err(username_taken());
        };
        // A repeat follows at once, so the account cannot have a second factor yet.
        self.create_session(client, CredentialsRow { password_hash, ..account }, None).await.map(Some)
    }
}

struct CreateAccount {
    username: String,
    display_name: String,
    email: Option<String>,
    password_hash: String,
    setup_code: Option<String>,
    expected_setup_code: Option<String>,
    key: Option<ClientId>,
    /// Hash of the link that verifies the address.
    email_link: Option<[u8; 32]>,
    invitation: Option<String>,
    default_config: Config,
    lobby: RoomId,
    default_rooms: Vec<RoomId>,
    session: PendingSession,
}

#[async_trait]
impl Command for CreateAccount {
    type Output = (UserId, CreatedSession);

    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    fn further_rooms(&self) -> &[RoomId] {
        &self.default_rooms
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<Self::Output, CommandError> {
        if let Some(created) = self.session.find_created(tx).await? {
            return Ok(created);
        }
        let is_first = !store::users::any_in(tx).await?;
        let role = if is_first {
            self.check_setup_code()?;
            Role::Admin
        } else if limits::is_office(&self.username) {
            return Err(Error::from(limits::reserved_username()).into());
        } else {
            let config = config::read(tx, &self.default_config).await?;
            invitations::redeem_invitation(tx, &config, self.invitation.as_deref(), ctx.at).await?
        };
        let email_key = self.email.as_deref().filter(|_| self.email_link.is_none()).map(limits::name_key);
        let user = NewUser {
            id: UserId(ctx.clock.id()),
            username: &self.username,
            username_key: &limits::name_key(&self.username),
            lookalike_key: &limits::lookalike_key(&self.username),
            display_name: &self.display_name,
            email: self.email.as_deref(),
            email_key: email_key.as_deref(),
            password_hash: &self.password_hash,
            role,
            client_key: self.key.as_ref().map(|key| key.0.as_str()),
            created_at: ctx.at,
        };
        if !store::users::create(tx, &user).await? {
            let refusal = if store::users::is_name_taken(tx, user.username_key).await? {
                username_taken()
            } else if store::users::is_lookalike_taken(tx, user.lookalike_key).await? {
                lookalike_taken()
            } else {
                email::email_taken()
            };
            return Err(refusal.into());
        }
        if let (Some(hash), Some(email)) = (&self.email_link, &self.email) {
            links::create_email_link(tx, ctx.at, user.id, hash, email).await?;
        }
        index::index_user(tx, user.id, user.username, user.display_name).await?;
        // Every user except guests is in the Lobby.
        if role != Role::Guest {
            let room_role = if is_first { RoomRole::Owner } else { RoomRole::Member };
            membership::join_lobby(tx, ctx, self.lobby, user.id, room_role).await?;
            default_rooms::join_default_rooms(tx, ctx, user.id).await?;
        }
        let created = self.session.create(tx, ctx, user.id).await?;
        Ok((user.id, created))
    }
}

impl CreateAccount {
    fn check_setup_code(&self) -> Result<()> {
        let Some(expected) = &self.expected_setup_code else { return Ok(()) };
        let code = |text: &str| tokens::hash(&limits::typed_code(text).to_lowercase());
        // Compared by hash, so that the response time reveals nothing about the code.
        if code(self.setup_code.as_deref().unwrap_or_default()) == code(expected) {
            return Ok(());
        }
        let message = "Enter the setup code printed in the server log at startup.";
        Err(Error {
            errors: vec![FieldError::new("setup_code", "invalid", message)],
            ..Error::new(Code::SetupCodeRequired, message)
        })
    }
}

fn lookalike_taken() -> Error {
    let detail = "That username looks too much like an existing one. Choose another one.";
    let errors = vec![FieldError::new("username", "taken", detail)];
    Error { errors, ..Error::new(Code::UsernameTaken, detail) }
}

fn username_taken() -> Error {
    let detail = "That username is taken. Choose another one.";
    let errors = vec![FieldError::new("username", "taken", detail)];
    Error { errors, ..Error::new(Code::UsernameTaken, detail) }
}

struct Leave {
    user: UserId,
    lobby: RoomId,
}

#[async_trait]
impl Command for Leave {
    type Output = ();

    fn room(&self) -> Option<RoomId> {
        Some(self.lobby)
    }

    /// Ownership of their rooms is transferred.
    fn lock_rooms_of(&self) -> Option<UserId> {
        Some(self.user)
    }

    async fn run(&self, tx: &mut Tx, ctx: &mut CommandContext) -> Result<(), CommandError> {
        deactivate::deactivate(tx, ctx, self.lobby, self.user).await.map(|_| ())
    }
}
