//! The caller's email address.

use crate::{caller::SignedIn, input::Body, problem::Reply};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::{SetEmail, VerifyEmail},
    credentials::EmailAddress,
    permissions::Permission,
    port::prelude::*,
};
use std::sync::Arc;

/// Get your email address
#[utoipa::path(get, path = "/users/email", tag = "Users", extensions(("x-right" = json!(Permission::Read))),
    responses((status = 200, description = "The address, and whether it is verified.", body = EmailAddress)))]
pub async fn get_email(State(service): State<Arc<Service>>, SignedIn(caller): SignedIn) -> Reply<Json<EmailAddress>> {
    Ok(Json(service.get_email(&caller).await?))
}

/// Change your email address
///
/// If the server sends email, a new address takes effect once the link sent to it is followed; until then it is
/// `pending`. The old address is notified when that happens.
#[utoipa::path(put, path = "/users/email", tag = "Users", extensions(("x-right" = json!(Permission::ManageCredentials))), request_body = SetEmail, responses(
    (status = 200, description = "The updated address.", body = EmailAddress),
    (status = 403, description = "forbidden, password_required"),
    (status = 409, description = "email_taken"),
))]
pub async fn set_email(
    State(service): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<SetEmail>,
) -> Reply<Json<EmailAddress>> {
    Ok(Json(service.set_email(&caller, command).await?))
}

/// Resend the verification email
#[utoipa::path(post, path = "/users/email/verification", tag = "Users", extensions(("x-right" = json!(Permission::ManageCredentials))), responses(
    (status = 202, description = "The email is sent, if there is an address to verify."),
    (status = 403, description = "forbidden"),
    (status = 409, description = "no_mail"),
))]
pub async fn send_verification(State(service): State<Arc<Service>>, SignedIn(caller): SignedIn) -> Reply<StatusCode> {
    service.send_verification(&caller).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Verify an email address
///
/// Requires the token of the link that was sent to it.
#[utoipa::path(post, path = "/auth/verify-email", tag = "Auth", security(()), request_body = VerifyEmail, responses(
    (status = 204, description = "The address is verified."),
    (status = 404, description = "invalid_link"),
    (status = 409, description = "email_taken"),
))]
pub async fn verify_email(State(service): State<Arc<Service>>, Body(command): Body<VerifyEmail>) -> Reply<StatusCode> {
    service.verify_email(command).await?;
    Ok(StatusCode::NO_CONTENT)
}
