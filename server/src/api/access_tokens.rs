//! Personal access tokens.

use crate::{
    caller::SignedIn,
    input::{Body, Named},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{command::CreateToken, id::SessionId, page::Page, port::SignIns, session::AccessToken};
use std::sync::Arc;

/// Your personal access tokens, the newest first
///
/// At most 50, so always on one page.
#[utoipa::path(get, path = "/tokens", tag = "Tokens", responses(
    (status = 200, description = "All of them.", body = Page<AccessToken>),
))]
pub async fn list_tokens(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
) -> Reply<Json<Page<AccessToken>>> {
    Ok(Json(chat.access_tokens(&caller).await?))
}

/// Make a personal access token
///
/// The answer holds the token itself, which is told only here. It reaches no further than your role, and never to how you
/// sign in. A repeat makes another one.
#[utoipa::path(post, path = "/tokens", tag = "Tokens", request_body = CreateToken, responses(
    (status = 201, description = "The token.", body = AccessToken),
    (status = 403, description = "forbidden, password_needed"),
    (status = 409, description = "too_many"),
))]
pub async fn create_token(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<CreateToken>,
) -> Reply<(StatusCode, Json<AccessToken>)> {
    Ok((StatusCode::CREATED, Json(chat.create_access_token(&caller, command).await?)))
}

/// End a personal access token
#[utoipa::path(delete, path = "/tokens/{id}", tag = "Tokens",
    params(("id" = SessionId, Path, description = "One of your tokens.")), responses(
    (status = 204, description = "It is void, and its sockets are closed."),
    (status = 403, description = "forbidden"),
))]
pub async fn delete_token(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Named(id): Named<SessionId>,
) -> Reply<StatusCode> {
    chat.delete_access_token(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
