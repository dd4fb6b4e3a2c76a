//! Server functions for the user's sessions.

use crate::api::{
    Failure,
    done::redirect_done,
    request::{browser_session, redirect_back_on_error, require_caller},
};
use leptos::server;
use protocol::{command, id::SessionId};

const SESSIONS: &str = "/settings/sessions";

/// Renames a session.
#[server(prefix = "/do", endpoint = "rename-session")]
pub async fn rename_session(id: SessionId, label: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let named = chat.rename_session(&caller, id, command::RenameSession { label }).await.map_err(Failure);
    redirect_back_on_error::<RenameSession, _>(named, SESSIONS, &[])?;
    redirect_done::<RenameSession>(SESSIONS);
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
        redirect_done::<EndSession>(SESSIONS);
    }
    Ok(())
}

/// Ends all other sessions.
#[server(prefix = "/do", endpoint = "end-other-sessions")]
pub async fn end_other_sessions() -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let ended = chat.end_other_sessions(&caller).await.map_err(Failure);
    redirect_back_on_error::<EndOtherSessions, _>(ended, SESSIONS, &[])?;
    redirect_done::<EndOtherSessions>(SESSIONS);
    Ok(())
}
