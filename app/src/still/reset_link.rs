//! A link that sets someone's password anew, for an administrator to hand over.

use super::{
    frame::{Visit, page},
    invitations::Handed,
};
use crate::forms::typed;
use leptos::prelude::*;

/// Shows a link that was just made, as long as it is good.
#[component]
pub fn ResetLinkPage() -> impl IntoView {
    page("Password link", async |visit: Visit| {
        let token = typed("token");
        visit.chat.check_reset(&token).await?;
        let url = format!("{}/reset?token={token}", visit.chat.public_url());
        let what = "Whoever opens it within an hour sets a new password: give it to its person and to nobody else.";
        Ok(view! { <Handed url what/> }.into_any())
    })
}
