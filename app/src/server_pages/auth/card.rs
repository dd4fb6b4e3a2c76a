//! Layout of the auth pages.

use crate::ui::Logo;
use leptos::prelude::*;
use leptos_meta::Title;

/// A centred card.
#[component]
pub fn Card(
    /// Title of the page.
    title: &'static str,
    /// Text below the title.
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

/// A link to another page, below the card's form.
#[component]
pub fn FooterLink(
    /// The link's target.
    #[prop(into)]
    to: String,
    /// The link's text.
    label: &'static str,
) -> impl IntoView {
    view! { <p class="aside"><a href=to>{label}</a></p> }
}
