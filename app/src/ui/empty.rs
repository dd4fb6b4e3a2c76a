//! What stands where nothing is yet.

use super::Mark;
use leptos::prelude::*;

/// A place with nothing in it: says what belongs there and how to begin.
#[component]
pub fn Empty(
    /// What this is.
    #[prop(into)]
    title: String,
    /// What it is for, or what to do.
    #[prop(into)]
    text: String,
    /// Where to go from here.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Mark/>
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| view! { <div class="actions">{children()}</div> }.into_any())}
        </div>
    }
}
