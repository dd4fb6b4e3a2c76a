//! Server functions for account invitations.

use crate::api::{
    Failure,
    done::redirect_done,
    request::{browser_session, redirect_back_on_error, require_caller},
};
use leptos::server;
use protocol::{
    command,
    id::{AccountInvitationId, ClientId},
    user::Role,
};

const INVITATIONS: &str = "/admin/invitations";

/// Creates an account invitation, and shows its link once.
#[server(prefix = "/do", endpoint = "create-account-invitation")]
pub async fn create_account_invitation(
    role: Role,
    max_uses: String,
    days: String,
    key: ClientId,
) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    // Text that is not a number becomes zero, which is out of bounds and is reported at its field.
    let number = |text: &str| Some(text.trim().parse().unwrap_or_default());
    let command = command::Invite { role: Some(role), max_uses: number(&max_uses), days: number(&days) };
    let created = chat.create_account_invitation(&caller, command, Some(key)).await.map_err(Failure);
    let typed = [("role", role.as_str()), ("max_uses", &max_uses), ("days", &days)];
    let created = redirect_back_on_error::<CreateAccountInvitation, _>(created, INVITATIONS, &typed)?;
    browser_session()?.set_flash(&created.value.url.unwrap_or_default());
    leptos_axum::redirect(INVITATIONS);
    Ok(())
}

/// Revokes an account invitation.
#[server(prefix = "/do", endpoint = "revoke-account-invitation")]
pub async fn revoke_account_invitation(id: AccountInvitationId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    redirect_back_on_error::<RevokeAccountInvitation, _>(
        chat.revoke_account_invitation(&caller, id).await.map_err(Failure),
        INVITATIONS,
        &[],
    )?;
    redirect_done::<RevokeAccountInvitation>(INVITATIONS);
    Ok(())
}
