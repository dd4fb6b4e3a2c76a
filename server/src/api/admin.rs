//! Administration of accounts.

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
    limits::schema::{PageCursor, PageSize, UserQuery},
    page::{Page, PageQuery},
    permissions::Permission,
    port::prelude::*,
    user::Role,
};
use serde::Deserialize;
use std::sync::Arc;

/// Which accounts to list.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AccountsQuery {
    /// Only accounts with this role.
    #[param(inline)]
    role: Option<Role>,
    /// Only accounts with this status.
    #[param(inline)]
    status: Option<AccountStatus>,
    /// Only accounts whose username or email address, or a word of whose display name, begins with this.
    #[param(inline, value_type = Option<UserQuery>)]
    query: Option<String>,
    /// Page size; 50 if omitted.
    #[param(inline, value_type = Option<PageSize>)]
    limit: Option<u32>,
    /// `next_cursor` of the previous page.
    #[param(inline, value_type = Option<PageCursor>)]
    cursor: Option<String>,
}

/// List accounts
#[utoipa::path(get, path = "/admin/users", tag = "Admin", extensions(("x-right" = json!(Permission::ModerateUsers))), params(AccountsQuery), responses(
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
    Ok(Json(chat.list_accounts(&caller, filter, page).await?))
}

/// Change a user's role
///
/// Requires a session in which the password was confirmed in the last 15 minutes; access tokens are not accepted. The
/// new role takes effect at once, on every node, and the user is notified. A user who becomes a guest leaves the Lobby,
/// and a guest who gets another role joins it. The last administrator cannot lose the role.
#[utoipa::path(put, path = "/admin/users/{id}/role", tag = "Admin", extensions(("x-right" = json!(Permission::ManageRoles))), request_body = SetRole,
    params(("id" = UserId, Path, description = "The account.")), responses(
    (status = 200, description = "The updated account.", body = Account),
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
/// Deactivating an account ends all its sessions, and nobody can sign in to it; the name remains on old messages.
/// Moderators can do this only to members and guests. A session needs the password of the last 15 minutes, an access
/// token does not.
#[utoipa::path(put, path = "/admin/users/{id}/status", tag = "Admin", extensions(("x-right" = json!(Permission::ModerateUsers))), request_body = SetAccountStatus,
    params(("id" = UserId, Path, description = "The account.")), responses(
    (status = 200, description = "The updated account.", body = Account),
    (status = 403, description = "forbidden, password_required"),
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
/// The sockets of the user are closed, and the user must sign in again. Moderators can do this only to members and
/// guests. A session needs the password of the last 15 minutes, an access token does not.
#[utoipa::path(delete, path = "/admin/users/{id}/sessions", tag = "Admin", extensions(("x-right" = json!(Permission::ModerateUsers))),
    params(("id" = UserId, Path, description = "The account.")), responses(
    (status = 204, description = "The sessions are ended."),
    (status = 403, description = "forbidden, password_required"),
))]
pub async fn end_account_sessions(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<UserId>,
) -> Reply<StatusCode> {
    chat.end_account_sessions(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a user's second factor
///
/// For users who lost it and the recovery codes: from then on, the password alone signs them in. The user is notified.
/// Requires a session in which the password was confirmed in the last 15 minutes; access tokens are not accepted.
#[utoipa::path(delete, path = "/admin/users/{id}/second-factor", tag = "Admin", extensions(("x-right" = json!(Permission::ResetCredentials))),
    params(("id" = UserId, Path, description = "The account.")), responses(
    (status = 204, description = "The second factor is removed."),
    (status = 403, description = "forbidden, password_required"),
))]
pub async fn remove_account_second_factor(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<UserId>,
) -> Reply<StatusCode> {
    chat.remove_account_second_factor(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
