//! Signing out.

use crate::{
    api::SignOut,
    drafts,
    page_user::{page_user, user_field},
    session::PageSession,
    ui::{Icon, Shape},
};
use leptos::{prelude::*, server_fn::ServerFn};

/// The sign-out button. The browser itself submits the form: the next page loads from scratch, and no state of the
/// signed-in pages survives.
#[component]
pub fn SignOutForm() -> impl IntoView {
    // A server-rendered page has no session context: its enhancement handles every form.
    let session = use_context::<PageSession>();
    let end_session = move |_| {
        if let Some(session) = session {
            session.live().set_ending_session(true);
        }
        if let Some(user) = page_user() {
            drafts::clear(&user);
        }
    };
    view! {
        <form method="post" action=SignOut::url() on:submit=end_session>
            <button type="submit" class="button ghost icon-only" title="Sign out" aria-label="Sign out">
                <Icon shape=Shape::Exit/>
            </button>
            {user_field()}
        </form>
    }
}
