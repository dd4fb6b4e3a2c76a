//! Empty states.

use crate::ui::{Icon, Shape};
use leptos::prelude::*;

/// An empty state: what belongs here, and what to do first.
#[component]
pub fn EmptyState(
    /// The title.
    #[prop(into)]
    title: String,
    /// What appears here, or what to do.
    #[prop(into)]
    text: String,
    /// Whether it is the whole page, so that its title is the page's heading.
    #[prop(optional)]
    whole: bool,
    /// The picture. By default that of messages, and on a whole page that of an error.
    #[prop(optional)]
    shape: Option<Shape>,
    /// Links to go on.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let shape = shape.unwrap_or(if whole { Shape::Alert } else { Shape::Bubble });
    let title = if whole { view! { <h1>{title}</h1> }.into_any() } else { view! { <h2>{title}</h2> }.into_any() };
    view! {
        <div class="empty-state">
            <Icon shape/>
            {title}
            <p>{text}</p>
            {children.map(|children| view! { <div class="actions">{children()}</div> }.into_any())}
        </div>
    }
}
