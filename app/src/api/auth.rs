//! Server functions for the forms of the auth pages: sign-up and sign-in.

use crate::api::{
    Failure,
    request::{browser_session, chat, local_path, redirect_back_on_error},
};
use leptos::server;
use leptos_router::location::Url;
use protocol::{
    command::{Login, Register},
    id::ClientId,
    session::LoginStep,
};
use serde::{Deserialize, Serialize};

/// Hidden fields of the sign-up form.
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

impl std::fmt::Debug for SignUpContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The invitation code must never reach a log, not even by accident.
        f.debug_struct("Way").finish_non_exhaustive()
    }
}

/// Creates an account and signs in.
#[server(prefix = "/do", endpoint = "sign-up")]
pub async fn sign_up(
    username: String,
    password: String,
    #[server(default)] display_name: String,
    #[server(default)] email: String,
    #[server(default)] setup_code: String,
    #[server(default)] way: SignUpContext,
) -> Result<(), Failure> {
    let next = local_path(way.next.as_deref());
    let (typed_username, typed_name) = (username.clone(), display_name.clone());
    let typed_email = email.clone();
    let given = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    let command = Register {
        username,
        email: given(email),
        password,
        display_name: given(display_name),
        setup_code: given(setup_code),
        invitation: given(way.invitation.clone()),
    };
    let made = chat()?.register(&browser_session()?.client(), command, way.key).await.map_err(Failure);
    let typed = [
        ("username", typed_username.as_str()),
        ("display_name", &typed_name),
        ("email", &typed_email),
        ("invitation", &way.invitation),
        ("next", next),
    ];
    let made = redirect_back_on_error::<SignUp, _>(made, "/sign-up", &typed)?;
    browser_session()?.set_tokens(&made.value);
    leptos_axum::redirect(next);
    Ok(())
}

/// Signs in.
#[server(prefix = "/do", endpoint = "sign-in")]
pub async fn sign_in(login: String, password: String, #[server(default)] next: Option<String>) -> Result<(), Failure> {
    let typed = login.clone();
    let next = local_path(next.as_deref());
    let visitor = browser_session()?;
    let step = chat()?.begin_login(&visitor.client(), Login { login, password, totp: None }).await.map_err(Failure);
    match redirect_back_on_error::<SignIn, _>(step, "/sign-in", &[("login", &typed), ("next", next)])? {
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
