//! The port to sessions, personal access tokens and notifications.

use crate::{Service, rights::Right};
use async_trait::async_trait;
use protocol::{
    Result,
    command::{ConfirmPassword, ReadNotifications},
    notification::Notification,
    page::{Page, PageQuery},
    port::SignIns,
    session::Caller,
};

#[async_trait]
impl SignIns for Service {
    async fn confirm_password(&self, caller: &Caller, command: ConfirmPassword) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.prove(caller, command.password).await
    }
    async fn check_proof(&self, caller: &Caller) -> Result<()> {
        Right::ManageSignIn.check(caller)?;
        self.recently_proved(caller, None).await
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
