//! Signing out.

use crate::{
    api::SignOut,
    page_user::user_field,
    session::PageSession,
    ui::{Icon, Shape},
};
use leptos::{prelude::*, server_fn::ServerFn};

/// The button that signs out. The browser itself sends the form: the page it leads to starts afresh, and nothing of the
/// signed-in pages lives on.
#[component]
pub fn SignOutForm() -> impl IntoView {
    // A still page has no session: what attends to it listens to every form.
    let session = use_context::<PageSession>();
    let end_session = move |_| session.iter().for_each(|session| session.live().set_ending_session(true));
    view! {
        <form method="post" action=SignOut::url() on:submit=end_session>
            <button type="submit" class="button quiet icon-only" title="Sign out" aria-label="Sign out">
                <Icon shape=Shape::Exit/>
            </button>
            {user_field()}
        </form>
    }
}
