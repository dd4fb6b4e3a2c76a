//! Users.

use super::{PageParams, page_size};
use crate::{
    caller::SignedIn,
    input::{Body, PathParam, Query},
    problem::Reply,
};
use axum::{
    Json,
    body::Body as Stream,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::Service;
use protocol::{
    command::{Deactivate, SearchUsers},
    id::UserId,
    page::{Page, PageQuery},
    permissions::Permission,
    port::prelude::*,
    user::User,
};
use std::sync::Arc;

/// Get a user
#[utoipa::path(get, path = "/users/{id}", tag = "Users", extensions(("x-right" = json!(Permission::Read))), params(("id" = UserId, Path, description = "The account.")),
    responses((status = 200, description = "The user.", body = User)))]
pub async fn get_user(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<UserId>,
) -> Reply<Json<User>> {
    Ok(Json(chat.get_user(&caller, id).await?))
}

/// Get a user by username
#[utoipa::path(get, path = "/users/username/{username}", tag = "Users", extensions(("x-right" = json!(Permission::Read))),
    params(("username" = String, Path, description = "The username, case-insensitive.")),
    responses((status = 200, description = "The user.", body = User)))]
pub async fn find_user(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(username): PathParam<String>,
) -> Reply<Json<User>> {
    Ok(Json(chat.find_user(&caller, &username).await?))
}

/// Search users
///
/// Matches usernames and the words of display names, without regard to case and accents, with one typo. Best match
/// first; an empty query lists everyone by username. Guests find only users with whom they share a room. A page may
/// have fewer users than requested and still have a next one.
#[utoipa::path(post, path = "/users/search", tag = "Users", extensions(("x-right" = json!(Permission::Read))), request_body = SearchUsers, responses(
    (status = 200, description = "A page of users.", body = Page<User>),
    (status = 400, description = "invalid_cursor"),
))]
pub async fn search_users(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<SearchUsers>,
) -> Reply<Json<Page<User>>> {
    Ok(Json(chat.search_users(&caller, command).await?))
}

/// Deactivate the account
///
/// All sessions end, and nobody can sign in to the account. The name remains on old messages. An administrator can
/// reactivate the account.
#[utoipa::path(post, path = "/users/deactivate", tag = "Users", extensions(("x-right" = json!(Permission::ManageCredentials))), request_body = Deactivate, responses(
    (status = 204, description = "The account is deactivated."),
    (status = 403, description = "forbidden, password_required"),
    (status = 409, description = "last_admin"),
))]
pub async fn deactivate_user(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<Deactivate>,
) -> Reply<StatusCode> {
    chat.deactivate_user(&caller, command).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List online users
///
/// On any node, in the order in which their accounts were created; without users who do not show it. Guests see only
/// users with whom they share a room.
#[utoipa::path(get, path = "/users/online", tag = "Users", extensions(("x-right" = json!(Permission::Read))), params(PageParams),
    responses((status = 200, description = "A page of users.", body = Page<User>)))]
pub async fn list_online(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Query(query): Query<PageParams>,
) -> Reply<Json<Page<User>>> {
    Ok(Json(chat.list_online(&caller, page(query)?).await?))
}

/// List blocked users
#[utoipa::path(get, path = "/users/blocked", tag = "Users", extensions(("x-right" = json!(Permission::Read))), params(PageParams),
    responses((status = 200, description = "A page of users.", body = Page<User>)))]
pub async fn list_blocked(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Query(query): Query<PageParams>,
) -> Reply<Json<Page<User>>> {
    Ok(Json(chat.list_blocked(&caller, page(query)?).await?))
}

fn page(query: PageParams) -> Reply<PageQuery> {
    Ok(PageQuery { limit: page_size(query.limit)?, cursor: query.cursor })
}

/// Block a user
///
/// The user cannot send you direct messages or cause notifications, and their messages in rooms are collapsed. The user
/// cannot detect it.
#[utoipa::path(put, path = "/users/{id}/block", tag = "Users", extensions(("x-right" = json!(Permission::EditOwn))),
    params(("id" = UserId, Path, description = "The user.")), responses(
    (status = 204, description = "The user is blocked, now or already."),
    (status = 422, description = "invalid"),
))]
pub async fn block_user(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<UserId>,
) -> Reply<StatusCode> {
    chat.block_user(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Unblock a user
#[utoipa::path(delete, path = "/users/{id}/block", tag = "Users", extensions(("x-right" = json!(Permission::EditOwn))),
    params(("id" = UserId, Path, description = "The user.")),
    responses((status = 204, description = "The user is not blocked.")))]
pub async fn unblock_user(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<UserId>,
) -> Reply<StatusCode> {
    chat.unblock_user(&caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Export the caller's data
///
/// A ZIP file of JSON, written while it is sent. Requires that the password was confirmed in the last 15 minutes.
#[utoipa::path(get, path = "/users/export", tag = "Users", extensions(("x-right" = json!(Permission::ManageCredentials))), responses(
    (status = 200, description = "The ZIP file.", content(("application/zip"))),
    (status = 403, description = "forbidden, password_required"),
))]
pub async fn export_user(State(chat): State<Arc<Service>>, SignedIn(caller): SignedIn) -> Reply<Response> {
    let export = chat.export(&caller).await?;
    let chunks = futures::stream::unfold(export, async |mut export| Some((export.next().await?, export)));
    let headers = [
        (header::CONTENT_TYPE, "application/zip"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"lair-export.zip\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, Stream::from_stream(chunks)).into_response())
}
