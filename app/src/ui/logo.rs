//! The logo.

use leptos::prelude::*;

/// A den whose opening is a speech bubble. The same picture as `public/favicon.svg`, in the colours of the theme.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 64 64" aria-hidden="true" focusable="false">
            <path d="M14 47V30a18 18 0 0 1 36 0v17a4 4 0 0 1-4 4H18a4 4 0 0 1-4-4zM27 24a6 6 0 0 0-6 6v5a6 6 0 0 0 5 5.9V46l6-5h5a6 6 0 0 0 6-6v-5a6 6 0 0 0-6-6z"></path>
        </svg>
    }
}
