//! A password-reset link of a user, for an administrator to pass on.

use crate::{
    api::request,
    server_pages::{
        admin::invitations::OneTimeLink,
        frame::{PageContext, page},
    },
};
use leptos::prelude::*;

/// Shows a new password-reset link.
#[component]
pub fn ResetLinkPage() -> impl IntoView {
    page("Reset link", async |_: PageContext| {
        let Some(url) = request::browser_session()?.take_flash().filter(|url| url.contains("/reset?token=")) else {
            let lead = "A reset link is shown only once. You can create another on the account's page.";
            return Ok(view! { <p class="lead">{lead}</p> <p><a href="/admin/people">"Accounts"</a></p> }.into_any());
        };
        let what = "Give it only to this person: anyone who opens it within an hour can set a new password.";
        Ok(view! { <OneTimeLink url title="Reset link created" what/> }.into_any())
    })
}
