//! Two-factor authentication with an authenticator app.

use crate::{caller::SignedIn, input::Body, problem::Reply};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::{ConfirmFactor, ProveFactor},
    permissions::Permission,
    port::prelude::*,
    session::{FactorSetup, RecoveryCodes, SecondFactor},
};
use std::sync::Arc;

/// Get two-factor status
#[utoipa::path(get, path = "/auth/second-factor", tag = "Second factor", extensions(("x-right" = json!(Permission::ManageCredentials))), responses(
    (status = 200, description = "Whether it is enabled.", body = SecondFactor),
    (status = 403, description = "forbidden"),
))]
pub async fn get_second_factor(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
) -> Reply<Json<SecondFactor>> {
    Ok(Json(chat.get_second_factor(&caller).await?))
}

/// Start two-factor setup
///
/// It is enabled once a code of it is sent to `/auth/second-factor/confirm`. Starting again creates a new secret.
#[utoipa::path(post, path = "/auth/second-factor", tag = "Second factor", extensions(("x-right" = json!(Permission::ManageCredentials))), responses(
    (status = 201, description = "The secret for the authenticator app.", body = FactorSetup),
    (status = 403, description = "forbidden, password_required"),
    (status = 409, description = "factor_exists"),
))]
pub async fn begin_second_factor(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
) -> Reply<(StatusCode, Json<FactorSetup>)> {
    Ok((StatusCode::CREATED, Json(chat.begin_second_factor(&caller).await?)))
}

/// Enable two-factor authentication
///
/// From now on, signing in requires a code; `end_other_sessions` ends the sessions that were opened without one. The
/// response contains the recovery codes, which are shown only once.
#[utoipa::path(post, path = "/auth/second-factor/confirm", tag = "Second factor", extensions(("x-right" = json!(Permission::ManageCredentials))), request_body = ConfirmFactor,
    responses(
    (status = 200, description = "The recovery codes.", body = RecoveryCodes),
    (status = 403, description = "forbidden"),
    (status = 404, description = "not_found"),
))]
pub async fn confirm_second_factor(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<ConfirmFactor>,
) -> Reply<Json<RecoveryCodes>> {
    Ok(Json(chat.confirm_second_factor(&caller, command).await?))
}

/// Regenerate recovery codes
///
/// The old ones are void. Requires a code besides the password of the last 15 minutes.
#[utoipa::path(post, path = "/auth/second-factor/recovery-codes", tag = "Second factor", extensions(("x-right" = json!(Permission::ManageCredentials))), request_body = ProveFactor,
    responses(
    (status = 200, description = "The recovery codes.", body = RecoveryCodes),
    (status = 403, description = "forbidden, password_required"),
    (status = 404, description = "not_found"),
))]
pub async fn renew_recovery_codes(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<ProveFactor>,
) -> Reply<Json<RecoveryCodes>> {
    Ok(Json(chat.renew_recovery_codes(&caller, command).await?))
}

/// Disable two-factor authentication
///
/// The recovery codes become void too. Requires a code besides the password of the last 15 minutes; while the setup is
/// not confirmed, the code is ignored.
#[utoipa::path(post, path = "/auth/second-factor/remove", tag = "Second factor", extensions(("x-right" = json!(Permission::ManageCredentials))), request_body = ProveFactor,
    responses(
    (status = 204, description = "Two-factor authentication is disabled."),
    (status = 403, description = "forbidden, password_required"),
))]
pub async fn remove_second_factor(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(command): Body<ProveFactor>,
) -> Reply<StatusCode> {
    chat.remove_second_factor(&caller, command).await?;
    Ok(StatusCode::NO_CONTENT)
}
