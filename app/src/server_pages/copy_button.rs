//! A button that copies a secret that is shown once.

use leptos::prelude::*;

/// A button that copies `text`. It needs a script: `enhance` shows it.
#[component]
pub fn CopyButton(
    /// The text to copy.
    text: String,
) -> impl IntoView {
    view! {
        <button type="button" class="button secondary copy-button" data-copy=text hidden=true aria-live="polite">
            "Copy"
        </button>
    }
}
