//! Server functions for the second factor.

use crate::api::{
    Failure,
    done::redirect_done,
    request::{browser_session, redirect_back_on_error, redirect_to_confirm, require_caller},
};
use leptos::server;
use protocol::{
    command::{ConfirmFactor, ProveFactor},
    session::RecoveryCodes,
};

const SECURITY: &str = "/settings/security";

/// Starts the setup of a second factor.
#[server(prefix = "/do", endpoint = "begin-second-factor")]
pub async fn begin_second_factor() -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let setup = chat.begin_second_factor(&caller).await.map_err(Failure);
    let Some(setup) = redirect_to_confirm(setup, SECURITY, &[]) else { return Ok(()) };
    redirect_back_on_error::<BeginSecondFactor, _>(setup, SECURITY, &[])?;
    leptos_axum::redirect("/settings/security/app");
    Ok(())
}

/// Confirms a second factor with its first code; the next page shows the recovery codes.
#[server(prefix = "/do/auth", endpoint = "confirm-second-factor")]
pub async fn confirm_second_factor(code: String, #[server(default)] end_other_sessions: bool) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let done = chat.confirm_second_factor(&caller, ConfirmFactor { code, end_other_sessions }).await.map_err(Failure);
    let codes = redirect_back_on_error::<ConfirmSecondFactor, _>(done, "/settings/security/app", &[])?;
    show_codes(&codes)
}

/// Creates new recovery codes; the next page shows them.
#[server(prefix = "/do/auth", endpoint = "renew-recovery-codes")]
pub async fn renew_recovery_codes(code: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let created = chat.renew_recovery_codes(&caller, ProveFactor { code }).await.map_err(Failure);
    let Some(created) = redirect_to_confirm(created, SECURITY, &[]) else { return Ok(()) };
    show_codes(&redirect_back_on_error::<RenewRecoveryCodes, _>(created, SECURITY, &[])?)
}

fn show_codes(codes: &RecoveryCodes) -> Result<(), Failure> {
    browser_session()?.set_flash(&codes.codes.join("."));
    leptos_axum::redirect("/settings/security/codes");
    Ok(())
}

/// Removes the second factor.
#[server(prefix = "/do/auth", endpoint = "remove-second-factor")]
pub async fn remove_second_factor(last_code: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    // The page has another field called `code`.
    let removed = chat.remove_second_factor(&caller, ProveFactor { code: last_code }).await.map_err(|mut error| {
        error.errors.iter_mut().for_each(|wrong| wrong.field = "last_code".into());
        Failure(error)
    });
    let Some(removed) = redirect_to_confirm(removed, SECURITY, &[]) else { return Ok(()) };
    redirect_back_on_error::<RemoveSecondFactor, _>(removed, SECURITY, &[])?;
    redirect_done::<RemoveSecondFactor>(SECURITY);
    Ok(())
}
