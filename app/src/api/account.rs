//! Signing up, in and out.

#[cfg(feature = "ssr")]
use super::visit::{chat, keep, local_path, signed_in, visitor};
use super::{Failure, Wire};
use leptos::server;
use protocol::id::ClientId;
#[cfg(feature = "ssr")]
use protocol::{
    command::{Login, Register},
    error::Code,
};
use serde::{Deserialize, Serialize};

/// What someone at the door needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Door {
    /// Whether they are signed in already.
    pub signed_in: bool,
    /// Whether there are no accounts yet: the first one runs the server.
    pub first: bool,
    /// Whether that first sign-up must give the set-up code.
    pub setup_code: bool,
}

/// Which page the door opens on.
#[server(prefix = "/do", endpoint = "door")]
pub async fn find_door() -> Result<Wire<Door>, Failure> {
    let chat = chat()?;
    let first = !chat.has_accounts().await?;
    let setup_code = first && chat.needs_setup_code();
    Ok(Wire(Door { signed_in: visitor()?.caller().is_some(), first, setup_code }))
}

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
    let command =
        Register { username, email: None, password, display_name: given(display_name), setup_code: given(setup_code) };
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
    let tokens = chat()?.login(&visitor()?.client(), Login { login, password }).await.map_err(Failure);
    let tokens = keep::<SignIn, _>(tokens, "/sign-in", &[("login", &typed), ("next", next)])?;
    visitor()?.sign_in(&tokens);
    leptos_axum::redirect(next);
    Ok(())
}

/// Signs out; to be signed out already is just as well.
#[server(prefix = "/do", endpoint = "sign-out")]
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
#[server(prefix = "/do", endpoint = "still-here")]
pub async fn still_here() -> Result<(), Failure> {
    let (chat, caller) = signed_in()?;
    chat.me(&caller).await?;
    Ok(())
}
