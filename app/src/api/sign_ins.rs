//! Server functions for the forms of server-rendered pages: sessions, access tokens, second factors and notifications.

use crate::api::{
    Failure,
    request::{browser_session, chat, local_path, redirect_back_on_error, redirect_to_confirm, require_caller},
};
use leptos::server;
use protocol::{
    command::{ConfirmFactor, ConfirmPassword, CreateToken, ReadNotifications, RenameSession},
    error::Code,
    id::SessionId,
    session::{RecoveryCodes, Scope},
    time::Time,
};

/// Submits the code of the second login step.
#[server(prefix = "/do", endpoint = "sign-in-code")]
pub async fn give_code(totp: String, #[server(default)] next: Option<String>) -> Result<(), Failure> {
    let (visitor, next) = (browser_session()?, local_path(next.as_deref()));
    let step = visitor.login_step().unwrap_or_default();
    match chat()?.finish_login(&visitor.client(), &step, totp).await {
        Ok(tokens) => {
            visitor.set_tokens(&tokens);
            leptos_axum::redirect(next);
            Ok(())
        }
        // The login step has expired: start again.
        Err(error) if error.code == Code::WrongCredentials => {
            redirect_back_on_error::<super::SignIn, _>(Err(Failure(error)), "/sign-in", &[("next", next)])
        }
        Err(error) => redirect_back_on_error::<GiveCode, _>(Err(Failure(error)), "/sign-in/code", &[("next", next)]),
    }
}

/// Confirms the password again.
#[server(prefix = "/do", endpoint = "confirm-password")]
pub async fn prove_password(password: String, #[server(default)] next: Option<String>) -> Result<(), Failure> {
    let next = local_path(next.as_deref());
    let (chat, caller) = require_caller()?;
    let done = chat.confirm_password(&caller, ConfirmPassword { password }).await.map_err(Failure);
    redirect_back_on_error::<ProvePassword, _>(done, "/settings/confirm", &[("next", next)])?;
    leptos_axum::redirect(next);
    Ok(())
}

const SESSIONS: &str = "/settings/sessions";

/// Renames a session.
#[server(prefix = "/do", endpoint = "name-session")]
pub async fn name_session(id: SessionId, label: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let named = chat.rename_session(&caller, id, RenameSession { label }).await.map_err(Failure);
    redirect_back_on_error::<NameSession, _>(named, SESSIONS, &[])?;
    leptos_axum::redirect("/settings/sessions?done=1");
    Ok(())
}

/// Ends a session; ending the current one signs out.
#[server(prefix = "/do", endpoint = "end-session")]
pub async fn end_session(id: SessionId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let ended = chat.end_session(&caller, id).await.map_err(Failure);
    redirect_back_on_error::<EndSession, _>(ended, SESSIONS, &[])?;
    if id == caller.session_id {
        browser_session()?.clear_tokens();
        leptos_axum::redirect("/sign-in");
    } else {
        leptos_axum::redirect("/settings/sessions?done=1");
    }
    Ok(())
}

/// Ends all other sessions.
#[server(prefix = "/do", endpoint = "end-other-sessions")]
pub async fn end_other_sessions() -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let ended = chat.end_other_sessions(&caller).await.map_err(Failure);
    redirect_back_on_error::<EndOtherSessions, _>(ended, SESSIONS, &[])?;
    leptos_axum::redirect("/settings/sessions?done=1");
    Ok(())
}

const TOKENS: &str = "/settings/tokens";

/// Creates a personal access token; the next page shows it.
#[server(prefix = "/do", endpoint = "make-token")]
pub async fn make_token(label: String, scope: Scope, #[server(default)] expires_at: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let typed = label.clone();
    // An unparsable time is rejected like one in the past.
    let expires_at = Some(expires_at).filter(|text| !text.is_empty()).map(|text| text.parse().unwrap_or(Time(0)));
    let made = chat.create_access_token(&caller, CreateToken { label, scope, expires_at }, None).await.map_err(Failure);
    let Some(made) = redirect_to_confirm(made, TOKENS) else { return Ok(()) };
    let made = redirect_back_on_error::<MakeToken, _>(made, TOKENS, &[("label", &typed)])?;
    browser_session()?.set_flash(&made.value.token.unwrap_or_default());
    leptos_axum::redirect(TOKENS);
    Ok(())
}

/// Deletes a personal access token.
#[server(prefix = "/do", endpoint = "delete-token")]
pub async fn delete_token(id: SessionId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let deleted = chat.delete_access_token(&caller, id).await.map_err(Failure);
    redirect_back_on_error::<DeleteToken, _>(deleted, TOKENS, &[])?;
    leptos_axum::redirect("/settings/tokens?done=1");
    Ok(())
}

const SECURITY: &str = "/settings/security";

/// Begins the setup of a second factor.
#[server(prefix = "/do", endpoint = "begin-factor")]
pub async fn begin_factor() -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let begun = chat.begin_factor(&caller).await.map_err(Failure);
    let Some(begun) = redirect_to_confirm(begun, SECURITY) else { return Ok(()) };
    redirect_back_on_error::<BeginFactor, _>(begun, SECURITY, &[])?;
    leptos_axum::redirect("/settings/security/app");
    Ok(())
}

/// Confirms a second factor with its first code; the next page shows the recovery codes.
#[server(prefix = "/do", endpoint = "confirm-factor")]
pub async fn prove_factor(code: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let done = chat.confirm_factor(&caller, ConfirmFactor { code }).await.map_err(Failure);
    let codes = redirect_back_on_error::<ProveFactor, _>(done, "/settings/security/app", &[])?;
    show_codes(&codes)
}

/// Creates new recovery codes; the next page shows them.
#[server(prefix = "/do", endpoint = "renew-recovery-codes")]
pub async fn renew_codes() -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let made = chat.renew_recovery_codes(&caller).await.map_err(Failure);
    let Some(made) = redirect_to_confirm(made, SECURITY) else { return Ok(()) };
    show_codes(&redirect_back_on_error::<RenewCodes, _>(made, SECURITY, &[])?)
}

fn show_codes(codes: &RecoveryCodes) -> Result<(), Failure> {
    browser_session()?.set_flash(&codes.codes.join("."));
    leptos_axum::redirect("/settings/security/codes");
    Ok(())
}

/// Removes the second factor.
#[server(prefix = "/do", endpoint = "remove-factor")]
pub async fn remove_factor() -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let removed = chat.remove_factor(&caller).await.map_err(Failure);
    let Some(removed) = redirect_to_confirm(removed, SECURITY) else { return Ok(()) };
    redirect_back_on_error::<RemoveFactor, _>(removed, SECURITY, &[])?;
    leptos_axum::redirect("/settings/security?done=1");
    Ok(())
}

/// Marks all notifications as read.
#[server(prefix = "/do", endpoint = "mark-all-read")]
pub async fn mark_all_read() -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let read = chat.read_notifications(&caller, ReadNotifications { ids: None }).await.map_err(Failure);
    redirect_back_on_error::<MarkAllRead, _>(read, "/notifications", &[])?;
    leptos_axum::redirect("/notifications");
    Ok(())
}
