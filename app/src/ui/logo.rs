//! The logo.

use leptos::prelude::*;

/// A glowing ember in a rounded square.
#[component]
pub fn Logo() -> impl IntoView {
    view! { <span class="logo" aria-hidden="true"></span> }
}
