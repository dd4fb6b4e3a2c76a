//! Server functions for the user's own account: unlocking the export, and deactivation.

use crate::api::{
    Failure,
    request::{browser_session, redirect_back_on_error, require_caller},
};
use leptos::server;
use protocol::command::{ConfirmPassword, Deactivate};

const DATA: &str = "/settings/data";

/// Confirms the password again, so that the caller's data can be downloaded.
#[server(prefix = "/do/auth", endpoint = "unlock-export")]
pub async fn unlock_export(password: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let proved = chat.confirm_password(&caller, ConfirmPassword { password }).await.map_err(Failure);
    redirect_back_on_error::<UnlockExport, _>(proved, DATA, &[])?;
    leptos_axum::redirect(DATA);
    Ok(())
}

/// Deactivates the caller's account and signs out.
#[server(prefix = "/do/auth", endpoint = "deactivate-user")]
pub async fn deactivate_user(password: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let left = chat.deactivate_user(&caller, Deactivate { password }).await.map_err(Failure);
    redirect_back_on_error::<DeactivateUser, _>(left, DATA, &[("leave", "1")])?;
    browser_session()?.clear_tokens();
    leptos_axum::redirect("/sign-in?done=left");
    Ok(())
}
