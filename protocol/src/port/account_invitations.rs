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
    /// Who can make an account now.
    async fn registration(&self) -> Result<Registration>;
    /// What someone who follows an invitation is told; `None` when it is no longer good.
    async fn find_invitation(&self, code: &str) -> Result<Option<InvitationPreview>>;
    /// The invitations to make an account, newest first.
    async fn invitations(&self, caller: &Caller, page: PageQuery) -> Result<Page<AccountInvitation>>;
    /// Makes an invitation. `key` recognises a repeat: it answers the same invitation with a new link, since the old one
    /// is known to nobody.
    async fn create_account_invitation(
        &self,
        caller: &Caller,
        command: Invite,
        key: Option<ClientId>,
    ) -> Result<Created<AccountInvitation>>;
    /// Takes an invitation back; accounts made with it stay.
    async fn revoke_account_invitation(&self, caller: &Caller, id: AccountInvitationId) -> Result<()>;
}
