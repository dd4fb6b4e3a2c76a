//! The submit button of a form.

use leptos::prelude::*;

/// The submit button of a form; while the submission is pending it is marked busy and cannot submit again.
#[component]
pub fn Submit(
    /// Text of the button.
    label: &'static str,
    /// Whether a submission is pending.
    #[prop(into)]
    pending: Signal<bool>,
    /// Style: `primary`, `secondary` or `danger`.
    #[prop(default = "primary")]
    variant: &'static str,
) -> impl IntoView {
    view! {
        <button type="submit" class=format!("button {variant}") aria-busy=move || pending.get().then_some("true")>
            {label}
        </button>
    }
}
