//! What went wrong, said where it went wrong.

use leptos::prelude::*;

/// Says what went wrong, when something did; read out at once.
#[component]
pub fn Notice(
    /// What went wrong.
    #[prop(into)]
    text: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <div class="notices" role="alert">
            {move || text.get().map(|text| view! { <p class="notice">{text}</p> }.into_any())}
        </div>
    }
}
