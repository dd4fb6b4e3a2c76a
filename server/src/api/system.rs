//! Health checks.

use crate::problem::Reply;
use axum::{Json, extract::State};
use domain::{NotReady, Service};
use protocol::error::{Code, Error, FieldError};
use serde::Serialize;
use std::sync::Arc;

/// The health of the server.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Health {
    /// Always `ok`.
    status: &'static str,
    /// The version of the program.
    version: &'static str,
}

impl Health {
    const OK: Self = Self { status: "ok", version: env!("CARGO_PKG_VERSION") };
}

/// Liveness check
#[utoipa::path(get, path = "/health", tag = "System", security(()),
    responses((status = 200, description = "The server is running.", body = Health)))]
pub async fn check_health() -> Json<Health> {
    Json(Health::OK)
}

/// Readiness check
#[utoipa::path(get, path = "/ready", tag = "System", security(()),
    responses(
        (status = 200, description = "The database answers and accepts writes.", body = Health),
        (status = 503, description = "busy")))]
pub async fn check_readiness(State(service): State<Arc<Service>>) -> Reply<Json<Health>> {
    service.check_ready().await.map_err(|NotReady { part, reason, error }| {
        let errors = vec![FieldError::new(part, reason, error.detail.as_str())];
        Error { errors, ..Error::new(Code::Busy, format!("Not ready for {part}. {}", error.detail)) }
    })?;
    Ok(Json(Health::OK))
}
