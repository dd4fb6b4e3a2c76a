//! Signing out.

use crate::{
    api::SignOut,
    forms::{Form, Post},
    ui::{Icon, Shape},
};
use leptos::prelude::*;

/// The button that signs out.
#[component]
pub fn SignOutForm() -> impl IntoView {
    let form = Form::of::<SignOut>();
    view! {
        <Post form>
            <button type="submit" class="button quiet icon-only" title="Sign out" aria-label="Sign out">
                <Icon shape=Shape::Exit/>
            </button>
        </Post>
    }
}
