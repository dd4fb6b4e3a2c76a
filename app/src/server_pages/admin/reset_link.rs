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
    page("Password link", async |_: PageContext| {
        let Some(url) = request::browser_session()?.take_flash().filter(|url| url.contains("/reset?token=")) else {
            let lead = "A link is shown once, when it is made. Make another on the page of the account.";
            return Ok(view! { <p class="lead">{lead}</p> <p><a href="/admin/people">"Accounts"</a></p> }.into_any());
        };
        let what = "Whoever opens it within an hour sets a new password: give it to its person and to nobody else.";
        Ok(view! { <OneTimeLink url what/> }.into_any())
    })
}
