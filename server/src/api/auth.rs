//! Signing up, in and out.

use super::made;
use crate::{
    caller::{CalledFrom, SignedIn, Visit},
    input::{Body, Key},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::{Holder, Renewed, Service};
use protocol::{
    command::{ConfirmPassword, Login, Refresh, Register},
    error::Error,
    port::prelude::*,
    session::Tokens,
};
use std::sync::Arc;

/// Make an account
///
/// Signs it in as well. The first account runs the service; where the server can be reached from other machines, it
/// needs the set-up code that was printed at start.
#[utoipa::path(post, path = "/auth/register", tag = "Auth", security(()), params(super::IdempotencyKey),
    request_body = Register, responses(
    (status = 201, description = "The account is made and signed in.", body = Tokens),
    (status = 200, description = "A repeat: the account was made before, and this is a new sign-in.", body = Tokens),
    (status = 403, description = "setup_code_needed, registration_closed, invitation_needed, invalid_invitation, deactivated"),
    (status = 409, description = "username_taken, email_taken"),
))]
pub async fn register_user(
    State(chat): State<Arc<Service>>,
    CalledFrom(client): CalledFrom,
    key: Option<Key>,
    Body(command): Body<Register>,
) -> Reply<(StatusCode, Json<Tokens>)> {
    Ok(made(chat.register(&client, command, key.map(|key| key.0)).await?))
}

/// Sign in
///
/// An account with a second factor needs its code too: without one the answer is `totp_needed`, once the password is right.
#[utoipa::path(post, path = "/auth/login", tag = "Auth", security(()), request_body = Login, responses(
    (status = 200, description = "Signed in.", body = Tokens),
    (status = 401, description = "wrong_credentials, totp_needed, wrong_totp"),
    (status = 403, description = "deactivated"),
))]
pub async fn login_user(
    State(chat): State<Arc<Service>>,
    CalledFrom(client): CalledFrom,
    Body(command): Body<Login>,
) -> Reply<Json<Tokens>> {
    Ok(Json(chat.login(&client, command).await?))
}

/// Exchange a refresh token for a new pair
///
/// The old one is used up; using it again ends the whole session, since one of the two users must be a thief.
#[utoipa::path(post, path = "/auth/refresh", tag = "Auth", security(()), request_body = Refresh, responses(
    (status = 200, description = "The new pair.", body = Tokens),
    (status = 401, description = "invalid_refresh_token"),
))]
pub async fn refresh_tokens(
    State(service): State<Arc<Service>>,
    CalledFrom(client): CalledFrom,
    Body(command): Body<Refresh>,
) -> Reply<Json<Tokens>> {
    match service.refresh(&client, &command.refresh_token, Holder::Api).await? {
        Renewed::Pair(tokens) => Ok(Json(*tokens)),
        Renewed::Access(..) => {
            tracing::error!("a browser's answer was given to an API client");
            Err(Error::internal().into())
        }
    }
}

/// Sign out
///
/// Ends this session: its tokens, its sockets and its cookies.
#[utoipa::path(post, path = "/auth/logout", tag = "Auth", responses((status = 204, description = "Signed out.")))]
pub async fn logout_user(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Visit(visitor): Visit,
) -> Reply<StatusCode> {
    chat.logout(&caller).await?;
    visitor.sign_out();
    Ok(StatusCode::NO_CONTENT)
}

/// Give the password again
///
/// Acts that could lock you out ask for it (`password_needed`), unless you signed in or gave it in this session in the
/// last 15 minutes.
#[utoipa::path(post, path = "/auth/confirm-password", tag = "Auth", request_body = ConfirmPassword, responses(
    (status = 204, description = "It is right; for 15 minutes it is not asked for."),
    (status = 403, description = "password_needed, forbidden"),
))]
pub async fn confirm_password(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<ConfirmPassword>,
) -> Reply<StatusCode> {
    chat.confirm_password(&caller, command).await?;
    Ok(StatusCode::NO_CONTENT)
}
