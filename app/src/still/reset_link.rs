//! A link that sets someone's password anew, for an administrator to hand over.

use super::{
    frame::{Visit, page},
    invitations::Handed,
};
use crate::api::visit;
use leptos::prelude::*;

/// Shows a link that was just made.
#[component]
pub fn ResetLinkPage() -> impl IntoView {
    page("Password link", async |_: Visit| {
        let Some(url) = visit::visitor()?.shown().filter(|url| url.contains("/reset?token=")) else {
            let lead = "A link is shown once, when it is made. Make another on the page of the account.";
            return Ok(view! { <p class="lead">{lead}</p> <p><a href="/admin/people">"Accounts"</a></p> }.into_any());
        };
        let what = "Whoever opens it within an hour sets a new password: give it to its person and to nobody else.";
        Ok(view! { <Handed url what/> }.into_any())
    })
}
