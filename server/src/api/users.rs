//! People.

use crate::{
    caller::SignedIn,
    input::{Body, Named},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::{Deactivate, FindPeople},
    id::UserId,
    page::Page,
    port::{Chat, People},
    user::User,
};
use std::sync::Arc;

/// A person
#[utoipa::path(get, path = "/users/{id}", tag = "Users", params(("id" = UserId, Path, description = "The account.")),
    responses((status = 200, description = "The person.", body = User)))]
pub async fn get_user(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Named(id): Named<UserId>,
) -> Reply<Json<User>> {
    Ok(Json(chat.user(&caller, id).await?))
}

/// A person by username
#[utoipa::path(get, path = "/users/username/{username}", tag = "Users",
    params(("username" = String, Path, description = "Without regard to case.")),
    responses((status = 200, description = "The person.", body = User)))]
pub async fn find_user(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Named(username): Named<String>,
) -> Reply<Json<User>> {
    Ok(Json(chat.user_named(&caller, &username).await?))
}

/// Find people
///
/// By username and by the words of their names, without regard to case and accents, with one typo. Best first; everyone by
/// username for an empty query. Guests find only people with whom they share a room. A page may have fewer people than
/// asked for and still a next one.
#[utoipa::path(post, path = "/users/search", tag = "Users", request_body = FindPeople, responses(
    (status = 200, description = "A page of people.", body = Page<User>),
    (status = 400, description = "invalid_cursor"),
))]
pub async fn search_users(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<FindPeople>,
) -> Reply<Json<Page<User>>> {
    Ok(Json(chat.find_people(&caller, command).await?))
}

/// Leave
///
/// All sessions end and the account cannot sign in. The name stays on old messages. An administrator can bring the account
/// back.
#[utoipa::path(post, path = "/users/deactivate", tag = "Users", request_body = Deactivate, responses(
    (status = 204, description = "The account is deactivated."),
    (status = 403, description = "forbidden, password_needed"),
    (status = 409, description = "last_admin"),
))]
pub async fn deactivate_user(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<Deactivate>,
) -> Reply<StatusCode> {
    chat.deactivate(&caller, command).await?;
    Ok(StatusCode::NO_CONTENT)
}
