//! Signing out.

use crate::{
    api::SignOut,
    ui::{Icon, Shape},
};
use leptos::prelude::*;

/// The button that signs out.
#[component]
pub fn SignOutForm() -> impl IntoView {
    let action = ServerAction::<SignOut>::new();
    view! {
        <ActionForm action=action>
            <button type="submit" class="button quiet icon-only" title="Sign out" aria-label="Sign out">
                <Icon shape=Shape::Exit/>
            </button>
        </ActionForm>
    }
}
