//! What administrators and moderators do with accounts.

use crate::{
    account::{Account, AccountFilter},
    command::{SetAccountStatus, SetRole},
    error::Result,
    id::UserId,
    page::{Page, PageQuery},
    session::Caller,
};
use async_trait::async_trait;

/// What administrators and moderators do with accounts.
#[async_trait]
pub trait Admin: Send + Sync + 'static {
    /// Accounts by username.
    async fn accounts(&self, caller: &Caller, filter: AccountFilter, page: PageQuery) -> Result<Page<Account>>;
    /// One account.
    async fn account(&self, caller: &Caller, id: UserId) -> Result<Account>;
    /// Gives someone another role, from now on everywhere. The last administrator stays one.
    async fn set_role(&self, caller: &Caller, id: UserId, command: SetRole) -> Result<Account>;
    /// Deactivates an account, or brings it back; moderators only those of members and guests.
    async fn set_account_status(&self, caller: &Caller, id: UserId, command: SetAccountStatus) -> Result<Account>;
    /// Ends all sessions of someone; moderators only those of members and guests.
    async fn end_sessions_of(&self, caller: &Caller, id: UserId) -> Result<()>;
    /// Takes someone's second factor away, who has lost it and the recovery codes too.
    async fn remove_factor_of(&self, caller: &Caller, id: UserId) -> Result<()>;
}
