//! The configuration that administrators can change at run time.

use crate::{caller::SignedIn, input::Body, problem::Reply};
use axum::{Json, extract::State};
use domain::Service;
use protocol::{credentials::Config, permissions::Permission, port::prelude::*};
use std::sync::Arc;

/// Get the configuration
#[utoipa::path(get, path = "/admin/config", tag = "Admin", extensions(("x-right" = json!(Permission::ManageServer))), responses(
    (status = 200, description = "The configuration.", body = Config),
    (status = 403, description = "forbidden"),
))]
pub async fn get_config(State(service): State<Arc<Service>>, SignedIn(caller): SignedIn) -> Reply<Json<Config>> {
    Ok(Json(service.get_config(&caller).await?))
}

/// Update the configuration
///
/// Replaces the whole configuration, effective at once on every node. It overrides what the operator configured. A
/// session needs the password of the last 15 minutes, an access token does not.
#[utoipa::path(put, path = "/admin/config", tag = "Admin", extensions(("x-right" = json!(Permission::ManageServer))), request_body = Config, responses(
    (status = 200, description = "The updated configuration.", body = Config),
    (status = 403, description = "forbidden, password_required"),
))]
pub async fn set_config(
    State(service): State<Arc<Service>>,
    SignedIn(caller): SignedIn,
    Body(config): Body<Config>,
) -> Reply<Json<Config>> {
    Ok(Json(service.set_config(&caller, config).await?))
}
