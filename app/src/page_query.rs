//! The query of the page: values of a failed form, and where to go next.

use leptos::prelude::*;

/// A query parameter: the values typed into a failed form submitted without JavaScript are returned there.
pub fn query_param(field: &str) -> String {
    leptos_router::hooks::use_query_map().read_untracked().get(field).unwrap_or_default()
}

/// Whether the form that led here needed the password first, and is to be submitted again.
#[cfg(feature = "ssr")]
pub fn is_unsaved() -> bool {
    !query_param("unsaved").is_empty()
}

/// The path of another auth page, with the same `next`.
#[cfg(feature = "ssr")]
pub fn with_next(path: &str) -> String {
    let next = query_param("next");
    if next.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?next={}", leptos_router::location::Url::escape(&next))
    }
}
