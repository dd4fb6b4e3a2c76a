//! Is it alive, can it serve?

use crate::problem::Reply;
use axum::{Json, extract::State};
use domain::Service;
use serde::Serialize;
use std::sync::Arc;

/// How the server is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Health {
    /// `ok`.
    status: &'static str,
    /// The version of the program.
    version: &'static str,
}

impl Health {
    const OK: Self = Self { status: "ok", version: env!("CARGO_PKG_VERSION") };
}

/// Is it alive?
#[utoipa::path(get, path = "/health", tag = "System", security(()),
    responses((status = 200, description = "Alive.", body = Health)))]
pub async fn check_health() -> Json<Health> {
    Json(Health::OK)
}

/// Can it serve?
#[utoipa::path(get, path = "/ready", tag = "System", security(()),
    responses((status = 200, description = "The database answers and writes are taken.", body = Health)))]
pub async fn check_readiness(State(service): State<Arc<Service>>) -> Reply<Json<Health>> {
    service.ready().await?;
    Ok(Json(Health::OK))
}
