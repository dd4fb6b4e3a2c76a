//! Keeping the service.

use super::page_size;
use crate::{
    caller::SignedIn,
    input::{Body, PathParam, Query},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    account::{Account, AccountFilter, AccountStatus},
    command::{SetAccountStatus, SetRole},
    id::UserId,
    page::{Page, PageQuery},
    port::prelude::*,
    user::Role,
};
use serde::Deserialize;
use std::sync::Arc;

/// Which accounts, and how many of them.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AccountsQuery {
    /// Only those with this role.
    #[param(inline)]
    role: Option<Role>,
    /// Only those that are, or are not, deactivated.
    #[param(inline)]
    status: Option<AccountStatus>,
    /// Only those whose username or e-mail address begins like this, or a word of whose name does.
    #[param(max_length = 100)]
    query: Option<String>,
    /// At most this many, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// List accounts
#[utoipa::path(get, path = "/admin/users", tag = "Admin", params(AccountsQuery), responses(
    (status = 200, description = "A page of accounts.", body = Page<Account>),
    (status = 403, description = "forbidden"),
))]
pub async fn list_accounts(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Query(query): Query<AccountsQuery>,
) -> Reply<Json<Page<Account>>> {
    let page = PageQuery { limit: page_size(query.limit)?, cursor: query.cursor };
    let filter = AccountFilter { role: query.role, status: query.status, query: query.query.unwrap_or_default() };
    Ok(Json(chat.accounts(&caller, filter, page).await?))
}

/// Change a user's role
///
/// Needs a sign-in whose password was given in the last 15 minutes; no access token reaches so far. It holds at once,
/// everywhere, and the person is told. Who becomes a guest leaves the Lobby, and who was one enters it. The last
/// administrator stays one.
#[utoipa::path(put, path = "/admin/users/{id}/role", tag = "Admin", request_body = SetRole,
    params(("id" = UserId, Path, description = "The account.")), responses(
    (status = 200, description = "The account as it is now.", body = Account),
    (status = 403, description = "forbidden, password_required"),
    (status = 409, description = "last_admin"),
))]
pub async fn set_role(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<UserId>,
    Body(command): Body<SetRole>,
) -> Reply<Json<Account>> {
    Ok(Json(chat.set_role(&caller, id, command).await?))
}

/// Deactivate or reactivate an account
///
/// All sessions of one that is deactivated end, and nobody signs in with it; the name stays on old messages. Moderators do
/// this to members and guests only.
#[utoipa::path(put, path = "/admin/users/{id}/status", tag = "Admin", request_body = SetAccountStatus,
    params(("id" = UserId, Path, description = "The account.")), responses(
    (status = 200, description = "The account as it is now.", body = Account),
    (status = 403, description = "forbidden"),
    (status = 409, description = "last_admin"),
))]
pub async fn set_account_status(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<UserId>,
    Body(command): Body<SetAccountStatus>,
) -> Reply<Json<Account>> {
    Ok(Json(chat.set_account_status(&caller, id, command).await?))
}

/// End all sessions of a user
///
/// Their sockets close and they sign in anew. Moderators do this to members and guests only.
#[utoipa::path(delete, path = "/admin/users/{id}/sessions", tag = "Admin",
    params(("id" = UserId, Path, description = "The account.")), responses(
    (status = 204, description = "Their sessions are over."),
    (status = 403, description = "forbidden"),
))]
pub async fn end_account_sessions(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<UserId>,
) -> Reply<StatusCode> {
    chat.end_sessions_of(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a user's second factor
///
/// For who lost it and the recovery codes too: from then on the password alone signs them in. The person is told. Needs a
/// sign-in whose password was given in the last 15 minutes; no access token reaches so far.
#[utoipa::path(delete, path = "/admin/users/{id}/second-factor", tag = "Admin",
    params(("id" = UserId, Path, description = "The account.")), responses(
    (status = 204, description = "They have none."),
    (status = 403, description = "forbidden, password_required"),
))]
pub async fn remove_account_second_factor(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<UserId>,
) -> Reply<StatusCode> {
    chat.remove_factor_of(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
