//! Server functions for the user's email address.

use crate::api::{
    Failure,
    done::redirect_done,
    request::{chat, redirect_back_on_error, redirect_back_privately, require_caller},
};
use leptos::server;
use protocol::command;

const ACCOUNT: &str = "/settings/account";

/// Verifies an email address with the link that was sent to it.
#[server(prefix = "/do/auth", endpoint = "verify-email")]
pub async fn verify_email(token: String) -> Result<(), Failure> {
    let done = chat()?.verify_email(command::VerifyEmail { token: token.clone() }).await.map_err(Failure);
    redirect_back_on_error::<VerifyEmail, _>(done, "/verify", &[("token", &token)])?;
    leptos_axum::redirect("/verify?confirmed=1");
    Ok(())
}

/// Sets the caller's email address.
#[server(prefix = "/do/auth", endpoint = "set-email")]
pub async fn set_email(#[server(default)] email: String, password: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let command = command::SetEmail { email: Some(email.clone()), password };
    let done = chat.set_email(&caller, command).await.map_err(Failure);
    redirect_back_privately::<SetEmail, _>(done, ACCOUNT, &[], &[("email", &email)])?;
    redirect_done::<SetEmail>(ACCOUNT);
    Ok(())
}

/// Removes the caller's email address.
#[server(prefix = "/do/auth", endpoint = "remove-email")]
pub async fn remove_email(old_password: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let done = chat.set_email(&caller, command::SetEmail { email: None, password: old_password }).await;
    // The page has another field called `password`.
    let done = done.map_err(|mut error| {
        error.errors.iter_mut().for_each(|wrong| wrong.field = "old_password".into());
        Failure(error)
    });
    redirect_back_on_error::<RemoveEmail, _>(done, ACCOUNT, &[])?;
    redirect_done::<RemoveEmail>(ACCOUNT);
    Ok(())
}

/// Sends the verification link for the caller's email address again.
#[server(prefix = "/do", endpoint = "send-verification")]
pub async fn send_verification() -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    redirect_back_on_error::<SendVerification, _>(
        chat.send_verification(&caller).await.map_err(Failure),
        ACCOUNT,
        &[],
    )?;
    redirect_done::<SendVerification>(ACCOUNT);
    Ok(())
}
