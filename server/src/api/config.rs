//! What administrators change while the service runs.

use crate::{caller::SignedIn, input::Body, problem::Reply};
use axum::{Json, extract::State};
use domain::Service;
use protocol::{credentials::Config, port::prelude::*};
use std::sync::Arc;

/// Get the configuration
#[utoipa::path(get, path = "/admin/config", tag = "Admin", responses(
    (status = 200, description = "As it is now.", body = Config),
    (status = 403, description = "forbidden"),
))]
pub async fn get_config(State(service): State<Arc<Service>>, SignedIn(caller): SignedIn) -> Reply<Json<Config>> {
    Ok(Json(service.config(&caller).await?))
}

/// Update the configuration
///
/// Takes the whole. It holds on every node at once, and wins over what the operator configured.
#[utoipa::path(put, path = "/admin/config", tag = "Admin", request_body = Config, responses(
    (status = 200, description = "As it is now.", body = Config),
    (status = 403, description = "forbidden"),
))]
pub async fn set_config(
    State(service): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(config): Body<Config>,
) -> Reply<Json<Config>> {
    Ok(Json(service.set_config(&caller, config).await?))
}
