//! The page that gives a text back that was not sent, when the room or message it was for cannot be shown.

use crate::{api::refused_form::refused_form, server_pages::auth::Card, ui::raw};
use leptos::prelude::*;
use leptos_router::components::Redirect;
use protocol::error::Code;

/// Shows why the text was not sent, and the text.
#[component]
pub fn UnsentPage() -> impl IntoView {
    let Some(refused) = refused_form() else { return view! { <Redirect path="/"/> }.into_any() };
    let (link, label) =
        if refused.failure.code() == Code::NotSignedIn { ("/sign-in", "Sign in") } else { ("/", "Back to your rooms") };
    view! {
        <Card title="Not sent" lead=refused.failure.to_string()>
            {unsent_text(refused.text)}
            <a class="button primary" href=link>{label}</a>
        </Card>
    }
    .into_any()
}

/// A text that was not sent, to be copied.
pub fn unsent_text(text: String) -> AnyView {
    view! {
        <div class="field">
            <label for="unsent-text">"Unsent text (copy it to keep it)"</label>
            <textarea id="unsent-text" rows="6" readonly=true>{raw(text)}</textarea>
        </div>
    }
    .into_any()
}
