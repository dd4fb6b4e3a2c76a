//! Changing and resetting passwords.

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
    permissions::Permission,
    port::prelude::*,
};
use std::sync::Arc;

/// Change the password
///
/// All other sessions of the caller end.
#[utoipa::path(post, path = "/auth/change-password", tag = "Auth", extensions(("x-right" = json!(Permission::ManageCredentials))), request_body = ChangePassword,
    responses(
    (status = 204, description = "The password is changed."),
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
/// The response is the same, after the same time, whether or not there is such an account with an email address. The
/// link is valid for one hour and one use; a newer link replaces it.
#[utoipa::path(post, path = "/auth/forgot-password", tag = "Auth", security(()), request_body = ForgotPassword, responses(
    (status = 202, description = "If there is such an account, a link is sent to its address."),
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
/// Requires the token of a link that was sent or handed over. Every session of the user ends.
#[utoipa::path(post, path = "/auth/reset-password", tag = "Auth", security(()), request_body = ResetPassword, responses(
    (status = 204, description = "The password is reset."),
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
/// For administrators, to hand over to the user. The link is valid for one hour and one use; a newer link replaces it.
/// Requires a session in which the password was confirmed in the last 15 minutes; access tokens are not accepted.
#[utoipa::path(post, path = "/admin/users/{id}/reset-password", tag = "Admin", extensions(("x-right" = json!(Permission::ResetCredentials))),
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
