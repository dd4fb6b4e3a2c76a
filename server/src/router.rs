//! All front ends together, and the middleware of every request.

use crate::{api, assets, caller, emoji, headers, pages, problem, request, state::AppState, swagger};
use axum::{Router, middleware};

/// All routes.
pub fn router(state: &AppState) -> Router {
    let mut api = api::router(state).merge(swagger::router());
    if let Some(cors) = headers::cors(&state.config) {
        api = api.layer(cors);
    }
    Router::new()
        .merge(api)
        .merge(assets::router())
        .merge(emoji::router())
        .merge(pages::router(state))
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(middleware::from_fn(request::catch_panic))
        .layer(middleware::from_fn_with_state(state.clone(), caller::require_own_host))
        .layer(middleware::from_fn(problem::render))
        .layer(middleware::from_fn_with_state(state.clone(), headers::security_headers))
        .layer(middleware::from_fn_with_state(state.clone(), request::trace))
}
