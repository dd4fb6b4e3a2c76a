//! The port to sessions, personal access tokens, second factors and notifications.

mod access_tokens;
mod enter;
mod guesses;
mod renewal;
pub mod second_factor;
mod sessions;
mod totp;

pub use enter::{Started, Starting, remembered};
pub use guesses::Guesses;
pub use sessions::keep_sessions;

use crate::{Service, rights::Right};
use async_trait::async_trait;
use protocol::{
    Result,
    command::{ConfirmFactor, ConfirmPassword, CreateToken, Login, ReadNotifications, RenameSession},
    id::{ClientId, SessionId},
    notification::Notification,
    page::{Created, Page, PageQuery},
    port::SignIns,
    session::{
        AccessToken, Caller, Client, FactorSetup, RecoveryCodes, SecondFactor, Session, SessionStats, Step, Tokens,
    },
    time::Time,
};

#[async_trait]
impl SignIns for Service {
    async fn begin_sign_in(&self, client: &Client, command: Login) -> Result<Step> {
        self.take_first_step(client, command).await
    }
    async fn finish_sign_in(&self, client: &Client, step: &str, code: String) -> Result<Tokens> {
        self.take_second_step(client, step, code).await
    }
    async fn confirm_password(&self, caller: &Caller, command: ConfirmPassword) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.prove(caller, command.password).await
    }
    async fn check_proof(&self, caller: &Caller) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.recently_proved(caller, None).await
    }
    async fn sessions(&self, caller: &Caller, page: PageQuery) -> Result<Page<Session>> {
        Right::Look.check(caller)?;
        self.list_sessions(caller, page).await
    }
    async fn current_session(&self, caller: &Caller) -> Result<Session> {
        Right::Look.check(caller)?;
        self.find_session(caller, caller.session_id).await
    }
    async fn rename_session(&self, caller: &Caller, id: SessionId, command: RenameSession) -> Result<Session> {
        Right::ManageSignIn.check(caller)?;
        self.name_session(caller, id, command).await
    }
    async fn end_session(&self, caller: &Caller, id: SessionId) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.end_own_session(caller, id).await
    }
    async fn end_other_sessions(&self, caller: &Caller) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.end_all_but_this(caller).await
    }
    async fn session_stats(&self, caller: &Caller) -> Result<SessionStats> {
        Right::Look.check(caller)?;
        self.count_sessions(caller).await
    }
    fn now(&self) -> Time {
        self.clock.now()
    }
    async fn access_tokens(&self, caller: &Caller) -> Result<Page<AccessToken>> {
        Right::Look.check(caller)?;
        self.list_access_tokens(caller).await
    }
    async fn create_access_token(
        &self,
        caller: &Caller,
        command: CreateToken,
        key: Option<ClientId>,
    ) -> Result<Created<AccessToken>> {
        Right::ManageSignIn.check(caller)?;
        self.make_access_token(caller, command, key).await
    }
    async fn delete_access_token(&self, caller: &Caller, id: SessionId) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.end_access_token(caller, id).await
    }
    async fn second_factor(&self, caller: &Caller) -> Result<SecondFactor> {
        Right::ManageSignIn.check(caller)?;
        self.find_factor(caller).await
    }
    async fn begin_factor(&self, caller: &Caller) -> Result<FactorSetup> {
        Right::ManageSignIn.check(caller)?;
        self.recently_proved(caller, None).await?;
        self.make_factor(caller).await
    }
    async fn begun_factor(&self, caller: &Caller) -> Result<Option<FactorSetup>> {
        Right::ManageSignIn.check(caller)?;
        self.recently_proved(caller, None).await?;
        self.find_begun_factor(caller).await
    }
    async fn confirm_factor(&self, caller: &Caller, command: ConfirmFactor) -> Result<RecoveryCodes> {
        Right::ManageSignIn.check(caller)?;
        self.count_factor(caller, command).await
    }
    async fn renew_recovery_codes(&self, caller: &Caller) -> Result<RecoveryCodes> {
        Right::ManageSignIn.check(caller)?;
        self.recently_proved(caller, None).await?;
        self.make_recovery_codes(caller).await
    }
    async fn remove_factor(&self, caller: &Caller) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.recently_proved(caller, None).await?;
        self.drop_factor(caller).await
    }
    async fn notifications(&self, caller: &Caller, page: PageQuery) -> Result<Page<Notification>> {
        Right::Look.check(caller)?;
        self.list_notifications(caller, page).await
    }
    async fn read_notifications(&self, caller: &Caller, command: ReadNotifications) -> Result<()> {
        Right::ChangeOwn.check(caller)?;
        self.mark_notifications_read(caller, command).await
    }
}
