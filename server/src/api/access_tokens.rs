//! Personal access tokens.

use super::created;
use crate::{
    caller::SignedIn,
    input::{Body, IdempotencyKey, PathParam},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::CreateToken, id::SessionId, page::Page, permissions::Permission, port::prelude::*, session::AccessToken,
};
use std::sync::Arc;

/// List personal access tokens
///
/// At most 50, so one page holds them all.
#[utoipa::path(get, path = "/tokens", tag = "Tokens", extensions(("x-right" = json!(Permission::Read))), responses(
    (status = 200, description = "All tokens.", body = Page<AccessToken>),
))]
pub async fn list_tokens(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
) -> Reply<Json<Page<AccessToken>>> {
    Ok(Json(chat.list_tokens(&caller).await?))
}

/// Create a personal access token
///
/// The response contains the token itself, which is shown only once. A token can do no more than your role permits, and
/// can never change your credentials. A repeat returns the same token without its secret, which is not stored: if the
/// first response was lost, delete the token and create another one with another key. A repeat after that returns
/// `not_found`.
#[utoipa::path(post, path = "/tokens", tag = "Tokens", extensions(("x-right" = json!(Permission::ManageCredentials))), params(super::IdempotencyKeyHeader), request_body = CreateToken, responses(
    (status = 201, description = "The token.", body = AccessToken),
    (status = 200, description = "A repeat: the token created before, without its secret.", body = AccessToken),
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
    Ok(created(chat.create_token(&caller, command, key.map(|key| key.0)).await?))
}

/// Delete a personal access token
#[utoipa::path(delete, path = "/tokens/{id}", tag = "Tokens", extensions(("x-right" = json!(Permission::ManageCredentials))),
    params(("id" = SessionId, Path, description = "One of your tokens.")), responses(
    (status = 204, description = "The token is deleted and its sockets are closed."),
    (status = 403, description = "forbidden"),
))]
pub async fn delete_token(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<SessionId>,
) -> Reply<StatusCode> {
    chat.delete_token(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
