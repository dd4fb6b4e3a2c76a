//! Layout of the auth pages.

use crate::ui::Logo;
use axum::http::{header, request::Parts};
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
                <p class="auth-brand"><Logo/> <strong>"Lair Chat"</strong> <span class="muted">{host()}</span></p>
                <h1>{title}</h1>
                {(!lead.is_empty()).then(|| view! { <p class="lead">{lead}</p> }.into_any())}
                {children()}
            </div>
        </main>
    }
}

/// The server that the browser asked for.
fn host() -> Option<String> {
    let parts = use_context::<Parts>()?;
    let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    host.or_else(|| parts.uri.host()).map(str::to_owned)
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
