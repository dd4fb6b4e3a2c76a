//! Creating and deactivating accounts.

use crate::{
    command::{Deactivate, Register},
    error::Result,
    id::ClientId,
    page::Created,
    session::{Caller, Client, Tokens},
};
use async_trait::async_trait;

/// Creating and deactivating accounts.
#[async_trait]
pub trait Accounts: Send + Sync + 'static {
    /// Makes an account and signs it in. `key` recognises a repeat, which answers with a new sign-in if the password is
    /// right.
    async fn register(&self, client: &Client, command: Register, key: Option<ClientId>) -> Result<Created<Tokens>>;
    /// Whether an account exists yet; until then the first sign-up makes the administrator.
    async fn has_accounts(&self) -> Result<bool>;
    /// Whether the first sign-up must give the set-up code.
    fn needs_setup_code(&self) -> bool;
    /// Deactivates the caller's account: all their sessions end.
    async fn deactivate(&self, caller: &Caller, command: Deactivate) -> Result<()>;
}
