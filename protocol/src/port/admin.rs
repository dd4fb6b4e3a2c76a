//! Administration of accounts by administrators and moderators.

use crate::{
    account::{Account, AccountFilter},
    command::{SetAccountStatus, SetRole},
    error::Result,
    id::UserId,
    page::{Page, PageQuery},
    session::Caller,
};
use async_trait::async_trait;

/// Administration of accounts by administrators and moderators.
#[async_trait]
pub trait Admin: Send + Sync + 'static {
    /// Lists accounts by username.
    async fn list_accounts(&self, caller: &Caller, filter: AccountFilter, page: PageQuery) -> Result<Page<Account>>;
    /// Gets an account.
    async fn get_account(&self, caller: &Caller, id: UserId) -> Result<Account>;
    /// Changes a user's role, effective at once on every node. The last administrator cannot lose the role.
    async fn set_role(&self, caller: &Caller, id: UserId, command: SetRole) -> Result<Account>;
    /// Deactivates or reactivates an account; moderators only those of members and guests.
    async fn set_account_status(&self, caller: &Caller, id: UserId, command: SetAccountStatus) -> Result<Account>;
    /// Ends all sessions of a user; moderators only those of members and guests.
    async fn end_account_sessions(&self, caller: &Caller, id: UserId) -> Result<()>;
    /// Removes the second factor of a user who lost it and the recovery codes.
    async fn remove_account_second_factor(&self, caller: &Caller, id: UserId) -> Result<()>;
}
