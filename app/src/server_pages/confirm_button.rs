//! Acts that ask first, without a script: the button opens the question, and in it is the button that does it.

use crate::{
    forms::{Form, PostForm},
    ui::Submit,
};
use leptos::prelude::*;

/// Tells a password manager whose password a form asks for.
#[component]
pub fn UsernameField(
    /// Their username.
    username: String,
) -> impl IntoView {
    view! { <input type="text" autocomplete="username" value=username readonly=true hidden=true/> }
}

/// A button that opens a question.
#[component]
pub fn ConfirmButton(
    /// What the button says.
    label: &'static str,
    /// The question.
    #[prop(into)]
    question: String,
    /// What the button in it says.
    act: &'static str,
    /// The form that does it.
    form: Form,
    /// Whether it is open at first, as when it has just failed.
    #[prop(optional)]
    open: bool,
    /// What it is about, as fields.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <details class="ask" open=open>
            <summary class="button plain">{label}</summary>
            <PostForm form>
                <p>{question}</p>
                {children.map(|children| children())}
                <Submit label=act pending=form.pending() look="danger"/>
            </PostForm>
        </details>
    }
}
