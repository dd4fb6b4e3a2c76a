//! What the pages at the door look like.

use crate::ui::Logo;
use leptos::prelude::*;
use leptos_meta::Title;

/// A card in the middle of a quiet page.
#[component]
pub fn Card(
    /// What the page is for.
    title: &'static str,
    /// A line under it.
    #[prop(into)]
    lead: String,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title/>
        <main class="door" id="main">
            <div class="card">
                <Logo/>
                <h1>{title}</h1>
                <p class="lead">{lead}</p>
                {children()}
            </div>
        </main>
    }
}

/// The way to another page, under the card's form.
#[component]
pub fn FooterLink(
    /// Which.
    #[prop(into)]
    to: String,
    /// What it says.
    label: &'static str,
) -> impl IntoView {
    view! { <p class="aside"><a href=to>{label}</a></p> }
}
