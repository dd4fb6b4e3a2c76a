//! Sessions, personal access tokens, second factors, and what the service tells a person about them.

use crate::{
    command::{ConfirmFactor, ConfirmPassword, CreateToken, Login, ReadNotifications, RenameSession},
    error::Result,
    id::{ClientId, SessionId},
    notification::Notification,
    page::{Created, Page, PageQuery},
    session::{
        AccessToken, Caller, Client, FactorSetup, RecoveryCodes, SecondFactor, Session, SessionStats, Step, Tokens,
    },
    time::Time,
};
use async_trait::async_trait;

/// Sessions, personal access tokens, second factors and notifications.
#[async_trait]
pub trait SignIns: Send + Sync + 'static {
    /// Signs in, or says that a code is still to come.
    async fn begin_sign_in(&self, client: &Client, command: Login) -> Result<Step>;
    /// The second step: what [`SignIns::begin_sign_in`] answered, and the code.
    async fn finish_sign_in(&self, client: &Client, step: &str, code: String) -> Result<Tokens>;
    /// Takes the password again; for the next 15 minutes it is not asked for in this session.
    async fn confirm_password(&self, caller: &Caller, command: ConfirmPassword) -> Result<()>;
    /// Whether the password was given lately, so that a sensitive act would not ask for it; refuses as the act would.
    async fn check_proof(&self, caller: &Caller) -> Result<()>;

    /// Where the caller is signed in, the newest first.
    async fn sessions(&self, caller: &Caller, page: PageQuery) -> Result<Page<Session>>;
    /// The sign-in that asks.
    async fn current_session(&self, caller: &Caller) -> Result<Session>;
    /// Gives one of the caller's sessions a name.
    async fn rename_session(&self, caller: &Caller, id: SessionId, command: RenameSession) -> Result<Session>;
    /// Ends one of the caller's sessions.
    async fn end_session(&self, caller: &Caller, id: SessionId) -> Result<()>;
    /// Ends all of the caller's sign-ins but this one; access tokens stay.
    async fn end_other_sessions(&self, caller: &Caller) -> Result<()>;
    /// How often and on what the caller signs in.
    async fn session_stats(&self, caller: &Caller) -> Result<SessionStats>;

    /// What time it is for the service.
    fn now(&self) -> Time;
    /// The caller's personal access tokens, the newest first; there are never many.
    async fn access_tokens(&self, caller: &Caller) -> Result<Page<AccessToken>>;
    /// Makes one. Sensitive. A repeat with the same key answers the first, without its secret.
    async fn create_access_token(
        &self,
        caller: &Caller,
        command: CreateToken,
        key: Option<ClientId>,
    ) -> Result<Created<AccessToken>>;
    /// Ends one.
    async fn delete_access_token(&self, caller: &Caller, id: SessionId) -> Result<()>;

    /// Whether the caller's sign-in needs a code.
    async fn second_factor(&self, caller: &Caller) -> Result<SecondFactor>;
    /// Begins to set one up: it counts once a code is given. Sensitive.
    async fn begin_factor(&self, caller: &Caller) -> Result<FactorSetup>;
    /// The one that was begun and is not confirmed, if there is one.
    async fn begun_factor(&self, caller: &Caller) -> Result<Option<FactorSetup>>;
    /// Takes a code of it; from now on it counts.
    async fn confirm_factor(&self, caller: &Caller, command: ConfirmFactor) -> Result<RecoveryCodes>;
    /// Makes new recovery codes; the old ones are void. Sensitive.
    async fn renew_recovery_codes(&self, caller: &Caller) -> Result<RecoveryCodes>;
    /// Takes the second factor away. Sensitive.
    async fn remove_factor(&self, caller: &Caller) -> Result<()>;

    /// What the caller was told, the newest first.
    async fn notifications(&self, caller: &Caller, page: PageQuery) -> Result<Page<Notification>>;
    /// Notes that the caller has read some of it, or all.
    async fn read_notifications(&self, caller: &Caller, command: ReadNotifications) -> Result<()>;
}
