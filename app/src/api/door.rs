//! Signing up and in: the forms of still pages.

use super::{
    Failure,
    visit::{chat, keep, local_path, visitor},
};
use leptos::server;
use leptos_router::location::Url;
use protocol::{
    command::{Login, Register},
    id::ClientId,
    session::Step,
};

/// Makes an account and signs in.
#[server(prefix = "/do", endpoint = "sign-up")]
pub async fn sign_up(
    username: String,
    password: String,
    #[server(default)] display_name: String,
    #[server(default)] setup_code: String,
    #[server(default)] key: Option<ClientId>,
    #[server(default)] next: Option<String>,
) -> Result<(), Failure> {
    let next = local_path(next.as_deref());
    let (typed_username, typed_name) = (username.clone(), display_name.clone());
    let given = |text: String| Some(text).filter(|text| !text.trim().is_empty());
    let command = Register {
        username,
        email: None,
        password,
        display_name: given(display_name),
        setup_code: given(setup_code),
        invitation: None,
    };
    let made = chat()?.register(&visitor()?.client(), command, key).await.map_err(Failure);
    let typed = [("username", typed_username.as_str()), ("display_name", &typed_name), ("next", next)];
    let made = keep::<SignUp, _>(made, "/sign-up", &typed)?;
    visitor()?.sign_in(&made.thing);
    leptos_axum::redirect(next);
    Ok(())
}

/// Signs in.
#[server(prefix = "/do", endpoint = "sign-in")]
pub async fn sign_in(login: String, password: String, #[server(default)] next: Option<String>) -> Result<(), Failure> {
    let typed = login.clone();
    let next = local_path(next.as_deref());
    let visitor = visitor()?;
    let step = chat()?.begin_sign_in(&visitor.client(), Login { login, password, totp: None }).await.map_err(Failure);
    match keep::<SignIn, _>(step, "/sign-in", &[("login", &typed), ("next", next)])? {
        Step::Done(tokens) => {
            visitor.sign_in(&tokens);
            leptos_axum::redirect(next);
        }
        Step::CodeNeeded(step) => {
            visitor.ask_code(step);
            leptos_axum::redirect(&format!("/sign-in/code?next={}", Url::escape(next)));
        }
    }
    Ok(())
}
