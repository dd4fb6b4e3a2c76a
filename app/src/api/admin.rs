//! Server functions for the forms of the admin pages.

use crate::api::{
    Failure,
    request::{redirect_back_on_error, redirect_to_confirm, require_caller},
};
use leptos::server;
use protocol::{
    account::AccountStatus,
    command::{SetAccountStatus, SetRole},
    id::UserId,
    user::Role,
};

/// The path of an account's admin page.
pub fn account_page(id: UserId) -> String {
    format!("/admin/people/{id}")
}

/// Sets a user's role.
#[server(prefix = "/do", endpoint = "role")]
pub async fn give_role(id: UserId, role: Role) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let given = chat.set_role(&caller, id, SetRole { role }).await.map_err(Failure);
    let Some(given) = redirect_to_confirm(given, &account_page(id)) else { return Ok(()) };
    redirect_back_on_error::<GiveRole, _>(given, &account_page(id), &[("role", role.as_str())])?;
    leptos_axum::redirect(&format!("{}?done=1", account_page(id)));
    Ok(())
}

/// Deactivates or reactivates an account.
#[server(prefix = "/do", endpoint = "account-status")]
pub async fn change_status(id: UserId, status: AccountStatus) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let changed = chat.set_account_status(&caller, id, SetAccountStatus { status }).await.map_err(Failure);
    redirect_back_on_error::<ChangeStatus, _>(changed, &account_page(id), &[])?;
    leptos_axum::redirect(&format!("{}?done=1", account_page(id)));
    Ok(())
}

/// Ends all sessions of a user.
#[server(prefix = "/do", endpoint = "sign-out-person")]
pub async fn sign_out_person(id: UserId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    redirect_back_on_error::<SignOutPerson, _>(
        chat.end_sessions_of(&caller, id).await.map_err(Failure),
        &account_page(id),
        &[],
    )?;
    leptos_axum::redirect(&format!("{}?done=1", account_page(id)));
    Ok(())
}

/// Removes a user's second factor.
#[server(prefix = "/do", endpoint = "take-factor")]
pub async fn take_factor(id: UserId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let taken = chat.remove_factor_of(&caller, id).await.map_err(Failure);
    let Some(taken) = redirect_to_confirm(taken, &account_page(id)) else { return Ok(()) };
    redirect_back_on_error::<TakeFactor, _>(taken, &account_page(id), &[])?;
    leptos_axum::redirect(&format!("{}?done=1", account_page(id)));
    Ok(())
}
