//! All front ends together, and the middleware of every request.

use crate::{api, assets, caller, emoji, headers, metrics, pages, problem, request, state::AppState, swagger};
use axum::{Router, middleware, response::Redirect, routing::get};

/// Where a password is changed: password managers look for it (W3C, "A Well-Known URL for Changing Passwords").
const CHANGE_PASSWORD: &str = "/settings/account#password-title";

/// All routes.
pub fn router(state: &AppState) -> Router {
    let mut api = api::router(state).merge(swagger::router());
    if let Some(cors) = headers::cors(&state.config) {
        api = api.layer(cors);
    }
    Router::new()
        .merge(api)
        .merge(emoji::router())
        .merge(metrics::router(state))
        .merge(pages::router(state))
        .route("/.well-known/change-password", get(async || Redirect::temporary(CHANGE_PASSWORD)))
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(middleware::from_fn_with_state(state.clone(), caller::require_own_host))
        // Under any host name: the page that says which name is ours needs them.
        .merge(assets::router().method_not_allowed_fallback(problem::method_not_allowed))
        .layer(middleware::from_fn(request::catch_panic))
        .layer(middleware::from_fn(problem::render))
        .layer(middleware::from_fn_with_state(state.clone(), headers::security_headers))
        .layer(middleware::from_fn_with_state(state.clone(), request::trace))
}
