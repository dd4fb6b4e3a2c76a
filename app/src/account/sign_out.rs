//! Signing out.

use crate::{
    api::SignOut,
    session::use_session,
    ui::{Icon, Shape},
};
use leptos::{prelude::*, server_fn::ServerFn};

/// The button that signs out. The browser itself sends the form: the page it leads to starts afresh, and nothing of the
/// signed-in pages lives on.
#[component]
pub fn SignOutForm() -> impl IntoView {
    let live = use_session().live();
    view! {
        <form method="post" action=SignOut::url() on:submit=move |_| live.sign_out()>
            <button type="submit" class="button quiet icon-only" title="Sign out" aria-label="Sign out">
                <Icon shape=Shape::Exit/>
            </button>
        </form>
    }
}
