//! Server functions for the forms of server-rendered pages: passwords, e-mail addresses, invitations and registration.

use crate::api::{
    Failure,
    request::{browser_session, chat, redirect_back_on_error, redirect_to_confirm, require_caller},
};
use leptos::server;
use protocol::{
    command,
    credentials::{Config, Registration},
    id::{AccountInvitationId, ClientId, UserId},
    user::Role,
};

const ACCOUNT: &str = "/settings/account";
const INVITATIONS: &str = "/admin/invitations";

/// Requests an e-mail with a password-reset link.
#[server(prefix = "/do", endpoint = "forgot-password")]
pub async fn forgot_password(login: String) -> Result<(), Failure> {
    let done = chat()?.forgot_password(command::ForgotPassword { login: login.clone() }).await.map_err(Failure);
    redirect_back_on_error::<ForgotPassword, _>(done, "/forgot", &[("login", &login)])?;
    leptos_axum::redirect("/forgot?done=1");
    Ok(())
}

/// Sets a new password with a reset link.
#[server(prefix = "/do", endpoint = "reset-password")]
pub async fn reset_password(token: String, new_password: String) -> Result<(), Failure> {
    let command = command::ResetPassword { token: token.clone(), new_password };
    let done = chat()?.reset_password(command).await.map_err(Failure);
    redirect_back_on_error::<ResetPassword, _>(done, "/reset", &[("token", &token)])?;
    leptos_axum::redirect("/sign-in?done=password");
    Ok(())
}

/// Verifies an e-mail address with the link that was sent to it.
#[server(prefix = "/do", endpoint = "verify-email")]
pub async fn verify_email(token: String) -> Result<(), Failure> {
    let done = chat()?.verify_email(command::VerifyEmail { token: token.clone() }).await.map_err(Failure);
    redirect_back_on_error::<VerifyEmail, _>(done, "/verify", &[("token", &token)])?;
    leptos_axum::redirect("/verify?done=1");
    Ok(())
}

/// Changes the caller's password.
#[server(prefix = "/do", endpoint = "change-password")]
pub async fn change_password(current_password: String, new_password: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let command = command::ChangePassword { current_password, new_password };
    redirect_back_on_error::<ChangePassword, _>(
        chat.change_password(&caller, command).await.map_err(Failure),
        ACCOUNT,
        &[],
    )?;
    leptos_axum::redirect(&format!("{ACCOUNT}?done=1"));
    Ok(())
}

/// Sets the caller's e-mail address.
#[server(prefix = "/do", endpoint = "set-email")]
pub async fn set_email(#[server(default)] email: String, password: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let command = command::SetEmail { email: Some(email.clone()), password };
    redirect_back_on_error::<SetEmail, _>(
        chat.set_email(&caller, command).await.map_err(Failure),
        ACCOUNT,
        &[("email", &email)],
    )?;
    leptos_axum::redirect(&format!("{ACCOUNT}?done=1"));
    Ok(())
}

/// Removes the caller's e-mail address.
#[server(prefix = "/do", endpoint = "remove-email")]
pub async fn remove_email(old_password: String) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let done = chat.set_email(&caller, command::SetEmail { email: None, password: old_password }).await;
    // The page has another field called `password`.
    let done = done.map_err(|mut error| {
        error.errors.iter_mut().for_each(|wrong| wrong.field = "old_password".into());
        Failure(error)
    });
    redirect_back_on_error::<RemoveEmail, _>(done, ACCOUNT, &[])?;
    leptos_axum::redirect(&format!("{ACCOUNT}?done=1"));
    Ok(())
}

/// Sends the verification link for the caller's e-mail address again.
#[server(prefix = "/do", endpoint = "send-verification")]
pub async fn send_verification() -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    redirect_back_on_error::<SendVerification, _>(
        chat.resend_verification(&caller).await.map_err(Failure),
        ACCOUNT,
        &[],
    )?;
    leptos_axum::redirect(&format!("{ACCOUNT}?done=1"));
    Ok(())
}

/// Sets who can create an account.
#[server(prefix = "/do", endpoint = "config")]
pub async fn set_config(registration: Registration) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let done = chat.set_config(&caller, Config { registration }).await.map_err(Failure);
    redirect_back_on_error::<SetConfig, _>(done, "/admin/settings", &[])?;
    leptos_axum::redirect("/admin/settings?done=1");
    Ok(())
}

/// Creates an account invitation, and shows its link once.
#[server(prefix = "/do", endpoint = "invite")]
pub async fn invite_person(role: Role, max_uses: String, days: String, key: ClientId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    // Text that is not a number becomes zero, which is out of bounds and is reported at its field.
    let number = |text: &str| Some(text.trim().parse().unwrap_or_default());
    let command = command::Invite { role: Some(role), max_uses: number(&max_uses), days: number(&days) };
    let made = chat.create_account_invitation(&caller, command, Some(key)).await.map_err(Failure);
    let typed = [("role", role.as_str()), ("max_uses", &max_uses), ("days", &days)];
    let made = redirect_back_on_error::<InvitePerson, _>(made, INVITATIONS, &typed)?;
    browser_session()?.set_flash(&made.value.url.unwrap_or_default());
    leptos_axum::redirect(INVITATIONS);
    Ok(())
}

/// Revokes an account invitation.
#[server(prefix = "/do", endpoint = "withdraw-invitation")]
pub async fn withdraw_invitation(id: AccountInvitationId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    redirect_back_on_error::<WithdrawInvitation, _>(
        chat.revoke_account_invitation(&caller, id).await.map_err(Failure),
        INVITATIONS,
        &[],
    )?;
    leptos_axum::redirect(&format!("{INVITATIONS}?done=1"));
    Ok(())
}

/// Creates a password-reset link for a user, and shows it once.
#[server(prefix = "/do", endpoint = "make-reset-link")]
pub async fn make_reset_link(user: UserId) -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    let made = chat.create_reset_link(&caller, user).await.map_err(Failure);
    let page = super::account_page(user);
    let Some(made) = redirect_to_confirm(made, &page) else { return Ok(()) };
    browser_session()?.set_flash(&redirect_back_on_error::<MakeResetLink, _>(made, &page, &[])?.url);
    leptos_axum::redirect("/admin/reset-link");
    Ok(())
}
