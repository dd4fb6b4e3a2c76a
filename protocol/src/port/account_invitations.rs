//! Invitations to create an account.

use crate::{
    command::Invite,
    credentials::{AccountInvitation, InvitationPreview, Registration},
    error::Result,
    id::{AccountInvitationId, ClientId},
    page::{Created, Page, PageQuery},
    session::Caller,
};
use async_trait::async_trait;

/// Invitations to create an account.
#[async_trait]
pub trait AccountInvitations: Send + Sync + 'static {
    /// Who can register now.
    async fn registration(&self) -> Result<Registration>;
    /// What an invitation link shows; `None` if the invitation is not valid.
    async fn find_invitation(&self, code: &str) -> Result<Option<InvitationPreview>>;
    /// Lists account invitations, newest first.
    async fn list_account_invitations(&self, caller: &Caller, page: PageQuery) -> Result<Page<AccountInvitation>>;
    /// Creates an invitation. A repeat with the same key returns the same invitation with a new link, since the old
    /// link is not stored.
    async fn create_account_invitation(
        &self,
        caller: &Caller,
        command: Invite,
        key: Option<ClientId>,
    ) -> Result<Created<AccountInvitation>>;
    /// Revokes an invitation; accounts created with it remain.
    async fn revoke_account_invitation(&self, caller: &Caller, id: AccountInvitationId) -> Result<()>;
}
