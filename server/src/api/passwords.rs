//! Changing a password, and setting it anew with a link.

use crate::{
    caller::SignedIn,
    input::{Body, PathParam},
    problem::Reply,
};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::{ChangePassword, ForgotPassword, ResetPassword},
    credentials::ResetLink,
    id::UserId,
    port::prelude::*,
};
use std::sync::Arc;

/// Change the password
///
/// Every other session of the caller ends.
#[utoipa::path(post, path = "/auth/change-password", tag = "Auth", request_body = ChangePassword,
    responses(
    (status = 204, description = "It is the new one now."),
    (status = 403, description = "forbidden, password_required"),
))]
pub async fn change_password(
    State(service): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<ChangePassword>,
) -> Reply<StatusCode> {
    service.change_password(&caller, command).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Request a password reset email
///
/// The answer is the same, and takes as long, whether or not there is such an account with an address. The link is good
/// for an hour and once; a newer one makes it useless.
#[utoipa::path(post, path = "/auth/forgot-password", tag = "Auth", security(()), request_body = ForgotPassword, responses(
    (status = 202, description = "If there is such an account, a link is on its way to its address."),
    (status = 409, description = "no_mail"),
))]
pub async fn forgot_password(
    State(service): State<Arc<Service>>,
    Body(command): Body<ForgotPassword>,
) -> Reply<StatusCode> {
    service.forgot_password(command).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Reset the password
///
/// With the token of a link that was sent or handed over. Every session of the person ends.
#[utoipa::path(post, path = "/auth/reset-password", tag = "Auth", security(()), request_body = ResetPassword, responses(
    (status = 204, description = "It is the new one now."),
    (status = 404, description = "invalid_link"),
))]
pub async fn reset_password(
    State(service): State<Arc<Service>>,
    Body(command): Body<ResetPassword>,
) -> Reply<StatusCode> {
    service.reset_password(command).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Create a password reset link
///
/// For administrators, to hand over. It is good for an hour and once; a newer one makes it useless. Whoever makes it has
/// signed in (no access token reaches so far) and given their password within the last 15 minutes.
#[utoipa::path(post, path = "/admin/users/{id}/reset-password", tag = "Admin",
    params(("id" = UserId, Path, description = "The account.")), responses(
    (status = 200, description = "The link.", body = ResetLink),
    (status = 403, description = "forbidden, password_required"),
))]
pub async fn create_reset_link(
    State(service): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    PathParam(id): PathParam<UserId>,
) -> Reply<Json<ResetLink>> {
    Ok(Json(service.create_reset_link(&caller, id).await?))
}
