//! People.

use crate::{caller::SignedIn, input::Named, problem::Reply};
use axum::{Json, extract::State};
use domain::Service;
use protocol::{id::UserId, port::Chat, user::User};
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
