//! Sessions.

use super::{PageParams, page_size};
use crate::{
    caller::SignedIn,
    input::{Body, PathParam, Query},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::RenameSession,
    id::SessionId,
    page::{Page, PageQuery},
    permissions::Permission,
    port::prelude::*,
    session::{Session, SessionStats},
};
use std::sync::Arc;

/// List sessions
#[utoipa::path(get, path = "/sessions", tag = "Sessions", extensions(("x-right" = json!(Permission::Read))), params(PageParams), responses(
    (status = 200, description = "A page of sessions.", body = Page<Session>),
))]
pub async fn list_sessions(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Query(query): Query<PageParams>,
) -> Reply<Json<Page<Session>>> {
    let page = PageQuery { limit: page_size(query.limit)?, cursor: query.cursor };
    Ok(Json(chat.list_sessions(&caller, page).await?))
}

/// Get the current session
///
/// A personal access token has none: the response is `not_found`.
#[utoipa::path(get, path = "/sessions/current", tag = "Sessions", extensions(("x-right" = json!(Permission::Read))), responses(
    (status = 200, description = "The current session.", body = Session),
    (status = 404, description = "not_found"),
))]
pub async fn get_current_session(State(chat): State<Arc<Service>>, SignedIn(caller): SignedIn) -> Reply<Json<Session>> {
    Ok(Json(chat.get_current_session(&caller).await?))
}

/// Rename the current session
#[utoipa::path(put, path = "/sessions/current", tag = "Sessions", extensions(("x-right" = json!(Permission::ManageCredentials))), request_body = RenameSession, responses(
    (status = 200, description = "The renamed session.", body = Session),
    (status = 403, description = "forbidden"),
    (status = 404, description = "not_found"),
))]
pub async fn rename_current_session(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<RenameSession>,
) -> Reply<Json<Session>> {
    Ok(Json(chat.rename_session(&caller, caller.session_id, command).await?))
}

/// Rename a session
#[utoipa::path(put, path = "/sessions/{id}", tag = "Sessions", extensions(("x-right" = json!(Permission::ManageCredentials))), request_body = RenameSession,
    params(("id" = SessionId, Path, description = "One of your sessions.")), responses(
    (status = 200, description = "The renamed session.", body = Session),
    (status = 403, description = "forbidden"),
))]
pub async fn rename_session(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<SessionId>,
    Body(command): Body<RenameSession>,
) -> Reply<Json<Session>> {
    Ok(Json(chat.rename_session(&caller, id, command).await?))
}

/// End a session
///
/// Its tokens become void and its sockets are closed, at once.
#[utoipa::path(delete, path = "/sessions/{id}", tag = "Sessions", extensions(("x-right" = json!(Permission::ManageCredentials))),
    params(("id" = SessionId, Path, description = "One of your sessions.")), responses(
    (status = 204, description = "The session is ended."),
    (status = 403, description = "forbidden"),
))]
pub async fn end_session(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<SessionId>,
) -> Reply<StatusCode> {
    chat.end_session(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all other sessions
///
/// Personal access tokens remain.
#[utoipa::path(post, path = "/sessions/terminate-all", tag = "Sessions", extensions(("x-right" = json!(Permission::ManageCredentials))), responses(
    (status = 204, description = "All other sessions are ended."),
    (status = 403, description = "forbidden"),
))]
pub async fn end_other_sessions(State(chat): State<Arc<Service>>, SignedIn(caller): SignedIn) -> Reply<StatusCode> {
    chat.end_other_sessions(&caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Get session statistics
#[utoipa::path(get, path = "/sessions/stats", tag = "Sessions", extensions(("x-right" = json!(Permission::Read))), responses(
    (status = 200, description = "The statistics.", body = SessionStats),
))]
pub async fn get_session_stats(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
) -> Reply<Json<SessionStats>> {
    Ok(Json(chat.get_session_stats(&caller).await?))
}
