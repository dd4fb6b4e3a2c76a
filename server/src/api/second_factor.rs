//! Codes of an authenticator app, asked for when signing in.

use crate::{caller::SignedIn, input::Body, problem::Reply};
use axum::{Json, extract::State, http::StatusCode};
use domain::Service;
use protocol::{
    command::ConfirmFactor,
    port::prelude::*,
    session::{FactorSetup, RecoveryCodes, SecondFactor},
};
use std::sync::Arc;

/// Get two-factor status
#[utoipa::path(get, path = "/auth/second-factor", tag = "Second factor", responses(
    (status = 200, description = "Whether it does.", body = SecondFactor),
    (status = 403, description = "forbidden"),
))]
pub async fn get_second_factor(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
) -> Reply<Json<SecondFactor>> {
    Ok(Json(chat.second_factor(&caller).await?))
}

/// Start two-factor setup
///
/// It counts once a code of it is given to `/auth/second-factor/confirm`. To begin again makes the secret anew.
#[utoipa::path(post, path = "/auth/second-factor", tag = "Second factor", responses(
    (status = 201, description = "What the authenticator app is to know.", body = FactorSetup),
    (status = 403, description = "forbidden, password_required"),
    (status = 409, description = "factor_exists"),
))]
pub async fn begin_second_factor(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
) -> Reply<(StatusCode, Json<FactorSetup>)> {
    Ok((StatusCode::CREATED, Json(chat.begin_factor(&caller).await?)))
}

/// Enable two-factor authentication
///
/// From now on signing in needs a code. The answer holds the recovery codes, which are told only here.
#[utoipa::path(post, path = "/auth/second-factor/confirm", tag = "Second factor", request_body = ConfirmFactor,
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
    Ok(Json(chat.confirm_factor(&caller, command).await?))
}

/// Regenerate recovery codes
///
/// The old ones are void.
#[utoipa::path(post, path = "/auth/second-factor/recovery-codes", tag = "Second factor", responses(
    (status = 200, description = "The recovery codes.", body = RecoveryCodes),
    (status = 403, description = "forbidden, password_required"),
    (status = 404, description = "not_found"),
))]
pub async fn renew_recovery_codes(
    State(chat): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
) -> Reply<Json<RecoveryCodes>> {
    Ok(Json(chat.renew_recovery_codes(&caller).await?))
}

/// Disable two-factor authentication
///
/// Its recovery codes are void too.
#[utoipa::path(delete, path = "/auth/second-factor", tag = "Second factor", responses(
    (status = 204, description = "Signing in needs no code."),
    (status = 403, description = "forbidden, password_required"),
))]
pub async fn remove_second_factor(State(chat): State<Arc<Service>>, SignedIn(caller): SignedIn) -> Reply<StatusCode> {
    chat.remove_factor(&caller).await?;
    Ok(StatusCode::NO_CONTENT)
}
