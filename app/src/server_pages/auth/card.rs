//! Layout of the auth pages.

use crate::ui::Logo;
use leptos::prelude::*;
use leptos_meta::Title;

/// A centred card.
#[component]
pub fn Card(
    /// Title of the page.
    title: &'static str,
    /// Text below the title; may be empty.
    #[prop(into)]
    lead: String,
    /// The form.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title/>
        <main class="auth-page" id="main">
            <div class="auth-card">
                <Logo/>
                <h1>{title}</h1>
                {(!lead.is_empty()).then(|| view! { <p class="lead">{lead}</p> }.into_any())}
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
    view! { <p class="muted"><a href=to>{label}</a></p> }
}
