//! Server functions for signing out and for checking the session.

#[cfg(feature = "ssr")]
use crate::api::request::browser_session;
#[cfg(feature = "ssr")]
use crate::api::request::require_caller;
use crate::{api::Failure, page_user::PageClient};
use leptos::server;
#[cfg(feature = "ssr")]
use protocol::error::Code;

/// Signs out; succeeds if the caller is signed out already.
#[server(prefix = "/do", endpoint = "sign-out", client = PageClient)]
pub async fn sign_out() -> Result<(), Failure> {
    let ended = match require_caller() {
        Ok((chat, caller)) => chat.logout(&caller).await.map_err(Failure),
        Err(failure) => Err(failure),
    };
    if let Err(failure) = ended.as_ref()
        && failure.code() != Code::NotSignedIn
    {
        return ended;
    }
    browser_session()?.clear_tokens();
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Checks that the session is valid, and refreshes it as well.
#[server(prefix = "/do", endpoint = "still-here", client = PageClient)]
pub async fn still_here() -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    chat.me(&caller).await?;
    Ok(())
}
