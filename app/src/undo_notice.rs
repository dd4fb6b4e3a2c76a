//! What was just done, with a button that undoes it.

use crate::{
    forms::{Form, PostForm},
    ui::{Notice, Submit},
};
use leptos::prelude::*;
use std::time::Duration;

/// How long it is shown: the server undoes removals for as long.
const SHOWN: Duration = Duration::from_secs(10);

/// Says what was done, and offers to undo it; without JavaScript it stays until another page is opened.
#[component]
pub fn UndoNotice(
    /// The form that undoes it.
    form: Form,
    /// What was done.
    text: &'static str,
    /// The fields of the form.
    children: Children,
) -> impl IntoView {
    let over = RwSignal::new(false);
    // Not while it is being undone, and not with an error that must be read.
    let hidden = move || over.get() && !form.pending().get() && form.error().with(Option::is_none);
    Effect::new(move || set_timeout(move || _ = over.try_set(true), SHOWN));
    view! {
        <div class="undo-notice" hidden=hidden>
            <p role="status">{text}</p>
            <PostForm form>
                {children()}
                <Submit label="Undo" pending=form.pending() variant="secondary"/>
            </PostForm>
            <Notice text=form.error()/>
        </div>
    }
}
