//! Server functions for managing accounts.

use crate::api::{
    Failure,
    done::redirect_done,
    request::{redirect_back_on_error, redirect_to_confirm, require_caller},
};
use leptos::server;
use protocol::{account::AccountStatus, command, id::UserId, user::Role};

/// The path of an account's admin page.
pub fn account_page(id: UserId) -> String {
    format!("/admin/people/{id}")
}

/// Sets a user's role.
#[server(prefix = "/do", endpoint = "set-role")]
pub async fn set_role(id: UserId, role: Role) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let given = chat.set_role(&caller, id, command::SetRole { role }).await.map_err(Failure);
    let Some(given) = redirect_to_confirm(given, &account_page(id), &[("role", role.as_str())]) else { return Ok(()) };
    redirect_back_on_error::<SetRole, _>(given, &account_page(id), &[("role", role.as_str())])?;
    redirect_done::<SetRole>(&account_page(id));
    Ok(())
}

/// Deactivates or reactivates an account.
#[server(prefix = "/do", endpoint = "set-account-status")]
pub async fn set_account_status(id: UserId, status: AccountStatus) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let changed = chat.set_account_status(&caller, id, command::SetAccountStatus { status }).await.map_err(Failure);
    let Some(changed) = redirect_to_confirm(changed, &account_page(id), &[]) else { return Ok(()) };
    redirect_back_on_error::<SetAccountStatus, _>(changed, &account_page(id), &[])?;
    redirect_done::<SetAccountStatus>(&account_page(id));
    Ok(())
}

/// Ends all sessions of a user.
#[server(prefix = "/do", endpoint = "end-account-sessions")]
pub async fn end_account_sessions(id: UserId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let ended = chat.end_account_sessions(&caller, id).await.map_err(Failure);
    let Some(ended) = redirect_to_confirm(ended, &account_page(id), &[]) else { return Ok(()) };
    redirect_back_on_error::<EndAccountSessions, _>(ended, &account_page(id), &[])?;
    redirect_done::<EndAccountSessions>(&account_page(id));
    Ok(())
}

/// Removes a user's second factor.
#[server(prefix = "/do", endpoint = "remove-account-second-factor")]
pub async fn remove_account_second_factor(id: UserId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let taken = chat.remove_account_second_factor(&caller, id).await.map_err(Failure);
    let Some(taken) = redirect_to_confirm(taken, &account_page(id), &[]) else { return Ok(()) };
    redirect_back_on_error::<RemoveAccountSecondFactor, _>(taken, &account_page(id), &[])?;
    redirect_done::<RemoveAccountSecondFactor>(&account_page(id));
    Ok(())
}
