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
}
