//! Personal access tokens.

use super::created;
use crate::{
    caller::SignedIn,
    input::{Body, IdempotencyKey, PathParam},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{command::CreateToken, id::SessionId, page::Page, port::prelude::*, session::AccessToken};
use std::sync::Arc;

/// List personal access tokens
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

/// Create a personal access token
///
/// The answer holds the token itself, which is told only here. It reaches no further than your role, and never to how you
/// sign in. A repeat answers the same token without its secret, which is kept nowhere: if the first answer was lost, delete
/// the token and make another under another key. A repeat after that is `not_found`.
#[utoipa::path(post, path = "/tokens", tag = "Tokens", params(super::IdempotencyKeyHeader), request_body = CreateToken, responses(
    (status = 201, description = "The token.", body = AccessToken),
    (status = 200, description = "A repeat: it was made before, and its secret is not told again.", body = AccessToken),
    (status = 403, description = "forbidden, password_required"),
    (status = 404, description = "not_found"),
    (status = 409, description = "too_many, idempotency_key_reused"),
))]
pub async fn create_token(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    key: Option<IdempotencyKey>,
    Body(command): Body<CreateToken>,
) -> Reply<(StatusCode, Json<AccessToken>)> {
    Ok(created(chat.create_access_token(&caller, command, key.map(|key| key.0)).await?))
}

/// Delete a personal access token
#[utoipa::path(delete, path = "/tokens/{id}", tag = "Tokens",
    params(("id" = SessionId, Path, description = "One of your tokens.")), responses(
    (status = 204, description = "It is void, and its sockets are closed."),
    (status = 403, description = "forbidden"),
))]
pub async fn delete_token(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<SessionId>,
) -> Reply<StatusCode> {
    chat.delete_access_token(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
