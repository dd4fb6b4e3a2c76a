//! What stands where nothing is yet.

use crate::ui::Logo;
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
    /// Whether it is the whole page, and its title the page's.
    #[prop(optional)]
    whole: bool,
    /// Where to go from here.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let title = if whole { view! { <h1>{title}</h1> }.into_any() } else { view! { <h2>{title}</h2> }.into_any() };
    view! {
        <div class="empty">
            <Logo/>
            {title}
            <p>{text}</p>
            {children.map(|children| view! { <div class="actions">{children()}</div> }.into_any())}
        </div>
    }
}
