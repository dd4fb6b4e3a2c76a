//! Server functions for sign-up and sign-in, and for signing out.

#[cfg(feature = "ssr")]
use crate::api::request::{
    browser_session, chat, local_path, redirect_back_on_error, redirect_back_privately, require_caller,
};
use crate::{api::Failure, page_user::PageClient};
use leptos::server;
#[cfg(feature = "ssr")]
use leptos_router::location::Url;
#[cfg(feature = "ssr")]
use protocol::{
    command::{self, Login, Register},
    error::Code,
    id::ClientId,
    session::LoginStep,
};
#[cfg(feature = "ssr")]
use serde::{Deserialize, Serialize};

/// Hidden fields of the sign-up form.
#[cfg(feature = "ssr")]
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SignUpContext {
    /// Idempotency key: identifies duplicates of the request.
    key: Option<ClientId>,
    /// Code of an account invitation.
    invitation: String,
    /// Path to redirect to afterwards.
    next: Option<String>,
}

#[cfg(feature = "ssr")]
impl std::fmt::Debug for SignUpContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The invitation code must never reach a log, not even by accident.
        f.debug_struct("SignUpContext").finish_non_exhaustive()
    }
}

/// Creates an account and signs in.
#[cfg(feature = "ssr")]
#[server(prefix = "/do/auth", endpoint = "sign-up")]
pub async fn sign_up(
    username: String,
    password: String,
    #[server(default)] display_name: String,
    #[server(default)] email: String,
    #[server(default)] setup_code: String,
    #[server(default)] context: SignUpContext,
) -> Result<(), Failure> {
    let next = local_path(context.next.as_deref());
    let (typed_username, typed_name) = (username.clone(), display_name.clone());
    let typed_email = email.clone();
    let given = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    let command = Register {
        username,
        email: given(email),
        password,
        display_name: given(display_name),
        setup_code: given(setup_code),
        invitation: given(context.invitation.clone()),
    };
    let registered = chat()?.register_user(&browser_session()?.client(), command, context.key).await.map_err(Failure);
    let typed = [("username", typed_username.as_str()), ("display_name", &typed_name), ("email", &typed_email)];
    let query = [("invitation", context.invitation.as_str()), ("next", next)];
    let registered = redirect_back_privately::<SignUp, _>(registered, "/sign-up", &query, &typed)?;
    browser_session()?.set_tokens(&registered.value);
    leptos_axum::redirect(next);
    Ok(())
}

/// Signs in.
#[cfg(feature = "ssr")]
#[server(prefix = "/do/auth", endpoint = "sign-in")]
pub async fn sign_in(login: String, password: String, #[server(default)] next: Option<String>) -> Result<(), Failure> {
    let typed = login.clone();
    let next = local_path(next.as_deref());
    let visitor = browser_session()?;
    let step = chat()?.start_login(&visitor.client(), Login { login, password, totp: None }).await.map_err(Failure);
    match redirect_back_privately::<SignIn, _>(step, "/sign-in", &[("next", next)], &[("login", &typed)])? {
        LoginStep::Done(tokens) => {
            visitor.set_tokens(&tokens);
            leptos_axum::redirect(next);
        }
        LoginStep::TotpRequired(step) => {
            visitor.set_login_step(step);
            leptos_axum::redirect(&format!("/sign-in/code?next={}", Url::escape(next)));
        }
    }
    Ok(())
}

/// Submits the code of the second login step.
#[cfg(feature = "ssr")]
#[server(prefix = "/do/auth", endpoint = "submit-totp")]
pub async fn submit_totp(totp: String, #[server(default)] next: Option<String>) -> Result<(), Failure> {
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
            redirect_back_on_error::<SignIn, _>(Err(Failure(error)), "/sign-in", &[("next", next)])
        }
        Err(error) => redirect_back_on_error::<SubmitTotp, _>(Err(Failure(error)), "/sign-in/code", &[("next", next)]),
    }
}

/// Confirms the password again.
#[cfg(feature = "ssr")]
#[server(prefix = "/do/auth", endpoint = "confirm-password")]
pub async fn confirm_password(password: String, #[server(default)] next: Option<String>) -> Result<(), Failure> {
    let next = local_path(next.as_deref());
    let (chat, caller) = require_caller()?;
    let done = chat.confirm_password(&caller, command::ConfirmPassword { password }).await.map_err(Failure);
    redirect_back_on_error::<ConfirmPassword, _>(done, "/settings/confirm", &[("next", next)])?;
    leptos_axum::redirect(next);
    Ok(())
}

/// Signs out; succeeds if the caller is signed out already.
#[server(prefix = "/do", endpoint = "sign-out", client = PageClient)]
pub async fn sign_out() -> Result<(), Failure> {
    let ended = match require_caller() {
        Ok((chat, caller)) => chat.logout_user(&caller).await.map_err(Failure),
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
#[server(prefix = "/do/read", endpoint = "check-session", client = PageClient)]
pub async fn check_session() -> Result<(), Failure> {
    let (chat, caller) = require_caller()?;
    chat.me(&caller).await?;
    Ok(())
}
