//! All mouths together, and what every request passes on its way in and out.

use crate::{api, assets, caller, docs, emoji, headers, pages, problem, request, state::Lair};
use axum::{Router, middleware};

/// Everything that answers.
pub fn router(lair: &Lair) -> Router {
    let mut api = api::router(lair).merge(docs::router());
    if let Some(cors) = headers::cors(&lair.config) {
        api = api.layer(cors);
    }
    Router::new()
        .merge(api)
        .merge(assets::router())
        .merge(emoji::router())
        .merge(pages::router(lair))
        .method_not_allowed_fallback(problem::wrong_method)
        .layer(middleware::from_fn(request::survive))
        .layer(middleware::from_fn_with_state(lair.clone(), caller::require_own_host))
        .layer(middleware::from_fn(problem::render))
        .layer(middleware::from_fn_with_state(lair.clone(), headers::protect))
        .layer(middleware::from_fn_with_state(lair.clone(), request::trace))
}
