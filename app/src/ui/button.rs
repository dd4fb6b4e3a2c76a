//! The button that sends a form.

use leptos::prelude::*;

/// The button that sends a form; while it is on its way the button says so and cannot send it again.
#[component]
pub fn Submit(
    /// What it says.
    label: &'static str,
    /// Whether the form is on its way.
    #[prop(into)]
    pending: Signal<bool>,
    /// Its looks: `primary`, `plain` or `danger`.
    #[prop(default = "primary")]
    look: &'static str,
) -> impl IntoView {
    view! {
        <button type="submit" class=format!("button {look}") aria-busy=move || pending.get().then_some("true")>
            {label}
        </button>
    }
}
