//! Registering, signing in and signing out.

use super::created;
use crate::{
    caller::{ClientInfo, RequestIdentity, SignedIn},
    input::{Body, IdempotencyKey},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::{ClientKind, Refreshed, Service};
use protocol::{
    command::{ConfirmPassword, Login, Refresh, Register},
    error::Error,
    permissions::Permission,
    port::prelude::*,
    session::Tokens,
};
use std::sync::Arc;

/// Register
///
/// Signs the new account in as well. The first account becomes an administrator; if the server can be reached from
/// other machines, it requires the setup code printed in the server log at startup.
#[utoipa::path(post, path = "/auth/register", tag = "Auth", security(()), params(super::IdempotencyKeyHeader),
    request_body = Register, responses(
    (status = 201, description = "The account is created and signed in.", body = Tokens),
    (status = 200, description = "A repeat: the account was created before, and this is a new session.", body = Tokens),
    (status = 403, description = "setup_code_required, registration_closed, invitation_required, invalid_invitation, deactivated"),
    (status = 409, description = "username_taken, email_taken"),
))]
pub async fn register_user(
    State(chat): State<Arc<Service>>,
    ClientInfo(client): ClientInfo,
    key: Option<IdempotencyKey>,
    Body(command): Body<Register>,
) -> Reply<(StatusCode, Json<Tokens>)> {
    Ok(created(chat.register_user(&client, command, key.map(|key| key.0)).await?))
}

/// Sign in
///
/// An account with a second factor requires its code too: without one, the response is `totp_required` once the
/// password is right.
#[utoipa::path(post, path = "/auth/login", tag = "Auth", security(()), request_body = Login, responses(
    (status = 200, description = "Signed in.", body = Tokens),
    (status = 401, description = "wrong_credentials, totp_required, wrong_totp"),
    (status = 403, description = "deactivated"),
))]
pub async fn login_user(
    State(chat): State<Arc<Service>>,
    ClientInfo(client): ClientInfo,
    Body(command): Body<Login>,
) -> Reply<Json<Tokens>> {
    Ok(Json(chat.login_user(&client, command).await?))
}

/// Exchange a refresh token for a new pair
///
/// The old refresh token is used up; using it again ends the session, since one of its two users must have stolen it.
#[utoipa::path(post, path = "/auth/refresh", tag = "Auth", security(()), request_body = Refresh, responses(
    (status = 200, description = "The new pair.", body = Tokens),
    (status = 401, description = "invalid_refresh_token"),
))]
pub async fn refresh_tokens(
    State(service): State<Arc<Service>>,
    ClientInfo(client): ClientInfo,
    Body(command): Body<Refresh>,
) -> Reply<Json<Tokens>> {
    match service.refresh(&client, &command.refresh_token, ClientKind::Api).await? {
        Refreshed::Pair(tokens) => Ok(Json(*tokens)),
        Refreshed::Access(..) => {
            tracing::error!("a browser response was returned to an API client");
            Err(Error::internal().into())
        }
    }
}

/// Sign out
///
/// Ends this session: its tokens, its sockets and its cookies.
#[utoipa::path(post, path = "/auth/logout", tag = "Auth", extensions(("x-right" = json!(Permission::Read))), responses((status = 204, description = "Signed out.")))]
pub async fn logout_user(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    RequestIdentity(visitor): RequestIdentity,
) -> Reply<StatusCode> {
    chat.logout_user(&caller).await?;
    visitor.clear_tokens();
    Ok(StatusCode::NO_CONTENT)
}

/// Confirm the password
///
/// Operations that could lock you out require it (`password_required`), unless you signed in or confirmed it in this
/// session in the last 15 minutes.
#[utoipa::path(post, path = "/auth/confirm-password", tag = "Auth", extensions(("x-right" = json!(Permission::ManageCredentials))), request_body = ConfirmPassword, responses(
    (status = 204, description = "The password is confirmed for 15 minutes."),
    (status = 403, description = "password_required, forbidden"),
))]
pub async fn confirm_password(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<ConfirmPassword>,
) -> Reply<StatusCode> {
    chat.confirm_password(&caller, command).await?;
    Ok(StatusCode::NO_CONTENT)
}
