//! Server functions for the user's access tokens.

use crate::api::{
    Failure,
    done::redirect_done,
    request::{browser_session, redirect_back_on_error, redirect_to_confirm, require_caller},
};
use leptos::server;
use protocol::{command, id::SessionId, session::Scope, time::Time};

const TOKENS: &str = "/settings/tokens";

/// Creates a personal access token; the next page shows it.
#[server(prefix = "/do", endpoint = "create-token")]
pub async fn create_token(label: String, scope: Scope, #[server(default)] expires_at: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let typed = label.clone();
    // An unparsable time is rejected like one in the past.
    let expires_at = Some(expires_at).filter(|text| !text.is_empty()).map(|text| text.parse().unwrap_or(Time(0)));
    let command = command::CreateToken { label, scope, expires_at };
    let created = chat.create_token(&caller, command, None).await.map_err(Failure);
    let Some(created) = redirect_to_confirm(created, TOKENS, &[]) else { return Ok(()) };
    let created = redirect_back_on_error::<CreateToken, _>(created, TOKENS, &[("label", &typed)])?;
    browser_session()?.set_flash(&created.value.token.unwrap_or_default());
    leptos_axum::redirect(TOKENS);
    Ok(())
}

/// Deletes a personal access token.
#[server(prefix = "/do", endpoint = "delete-token")]
pub async fn delete_token(id: SessionId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let deleted = chat.delete_token(&caller, id).await.map_err(Failure);
    redirect_back_on_error::<DeleteToken, _>(deleted, TOKENS, &[])?;
    redirect_done::<DeleteToken>(TOKENS);
    Ok(())
}
