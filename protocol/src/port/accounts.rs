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
    /// Creates an account and signs it in. A repeat with the same key creates a new session if the password is right.
    async fn register_user(&self, client: &Client, command: Register, key: Option<ClientId>)
    -> Result<Created<Tokens>>;
    /// Whether any account exists; if none does, the first registration creates the administrator.
    async fn has_accounts(&self) -> Result<bool>;
    /// Whether the first registration requires the setup code.
    fn needs_setup_code(&self) -> bool;
    /// Deactivates the caller's account and ends all its sessions.
    async fn deactivate_user(&self, caller: &Caller, command: Deactivate) -> Result<()>;
}
