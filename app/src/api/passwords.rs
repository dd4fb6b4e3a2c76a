//! Server functions for passwords.

use crate::api::{
    Failure, account_page,
    done::redirect_done,
    request::{
        browser_session, chat, redirect_back_on_error, redirect_back_privately, redirect_to_confirm, require_caller,
    },
};
use futures::stream;
use leptos::{
    server,
    server_fn::codec::{StreamingText, TextStream},
};
use protocol::{command, id::UserId};

const ACCOUNT: &str = "/settings/account";

/// How hard a new password is to guess, while it is typed: the score, and on the next line the advice. What others know
/// of the user comes with it.
#[server(prefix = "/do/read", endpoint = "rate-password", output = StreamingText)]
pub async fn rate_password(
    password: String,
    #[server(default)] username: String,
    #[server(default)] display_name: String,
    #[server(default)] email: String,
) -> Result<TextStream<Failure>, Failure> {
    let known = vec![username, display_name, email];
    let rating = chat()?.rate_password(browser_session()?.caller().as_ref(), password, known).await?;
    Ok(stream::iter([format!("{}\n{}", rating.score, rating.advice)]).into())
}

/// Changes the caller's password.
#[server(prefix = "/do/auth", endpoint = "change-password")]
pub async fn change_password(current_password: String, new_password: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let command = command::ChangePassword { current_password, new_password };
    redirect_back_on_error::<ChangePassword, _>(
        chat.change_password(&caller, command).await.map_err(Failure),
        ACCOUNT,
        &[],
    )?;
    redirect_done::<ChangePassword>(ACCOUNT);
    Ok(())
}

/// Requests an email with a password-reset link.
#[server(prefix = "/do/auth", endpoint = "forgot-password")]
pub async fn forgot_password(login: String) -> Result<(), Failure> {
    let done = chat()?.forgot_password(command::ForgotPassword { login: login.clone() }).await.map_err(Failure);
    redirect_back_privately::<ForgotPassword, _>(done, "/forgot", &[], &[("login", &login)])?;
    leptos_axum::redirect("/forgot?sent=1");
    Ok(())
}

/// Sets a new password with a reset link.
#[server(prefix = "/do/auth", endpoint = "reset-password")]
pub async fn reset_password(token: String, new_password: String) -> Result<(), Failure> {
    let command = command::ResetPassword { token: token.clone(), new_password };
    let done = chat()?.reset_password(command).await.map_err(Failure);
    redirect_back_on_error::<ResetPassword, _>(done, "/reset", &[("token", &token)])?;
    leptos_axum::redirect("/sign-in?done=password");
    Ok(())
}

/// Creates a password-reset link for a user, and shows it once.
#[server(prefix = "/do", endpoint = "create-reset-link")]
pub async fn create_reset_link(user: UserId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let link = chat.create_reset_link(&caller, user).await.map_err(Failure);
    let page = account_page(user);
    let Some(link) = redirect_to_confirm(link, &page, &[]) else { return Ok(()) };
    browser_session()?.set_flash(&redirect_back_on_error::<CreateResetLink, _>(link, &page, &[])?.url);
    leptos_axum::redirect("/admin/reset-link");
    Ok(())
}
