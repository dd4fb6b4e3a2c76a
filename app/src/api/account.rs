//! Signing out, and asking whether one is still signed in.

use super::Failure;
#[cfg(feature = "ssr")]
use super::visit::{signed_in, visitor};
use crate::page_user::PageClient;
use leptos::server;
#[cfg(feature = "ssr")]
use protocol::error::Code;

/// Signs out; to be signed out already is just as well.
#[server(prefix = "/do", endpoint = "sign-out", client = PageClient)]
pub async fn sign_out() -> Result<(), Failure> {
    let ended = match signed_in() {
        Ok((chat, caller)) => chat.logout(&caller).await.map_err(Failure),
        Err(failure) => Err(failure),
    };
    if let Err(failure) = ended.as_ref()
        && failure.code() != Code::NotSignedIn
    {
        return ended;
    }
    visitor()?.sign_out();
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Whether the sign-in still holds; renews it in passing.
#[server(prefix = "/do", endpoint = "still-here", client = PageClient)]
pub async fn still_here() -> Result<(), Failure> {
    let (chat, caller) = signed_in()?;
    chat.me(&caller).await?;
    Ok(())
}
