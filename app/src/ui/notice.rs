//! Error notices.

use leptos::prelude::*;

/// Shows an error, if there is one; screen readers announce it at once.
#[component]
pub fn Notice(
    /// The error.
    #[prop(into)]
    text: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <div class="notices" role="alert">
            {move || text.get().map(|text| view! { <p class="notice">{text}</p> }.into_any())}
        </div>
    }
}
