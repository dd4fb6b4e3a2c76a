//! Personal access tokens.

use crate::{
    command::CreateToken,
    error::Result,
    id::{ClientId, SessionId},
    page::{Created, Page},
    session::{AccessToken, Caller},
};
use async_trait::async_trait;

/// Personal access tokens.
#[async_trait]
pub trait AccessTokens: Send + Sync + 'static {
    /// Lists the caller's personal access tokens, newest first; there are so few that one page holds them all.
    async fn list_tokens(&self, caller: &Caller) -> Result<Page<AccessToken>>;
    /// Creates a token. Requires a recent password confirmation. A repeat with the same key returns the first token,
    /// without its secret.
    async fn create_token(
        &self,
        caller: &Caller,
        command: CreateToken,
        key: Option<ClientId>,
    ) -> Result<Created<AccessToken>>;
    /// Deletes a token.
    async fn delete_token(&self, caller: &Caller, id: SessionId) -> Result<()>;
}
