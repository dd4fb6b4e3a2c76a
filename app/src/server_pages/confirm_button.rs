//! Confirmation without a script: a button that opens a question with the button that submits.

use crate::{
    forms::{Form, PostForm},
    ui::Submit,
};
use leptos::prelude::*;

/// Tells a password manager which user's password a form asks for.
#[component]
pub fn UsernameField(
    /// The username.
    username: String,
) -> impl IntoView {
    view! { <input type="text" autocomplete="username" value=username readonly=true hidden=true/> }
}

/// A button that asks for confirmation before it submits.
#[component]
pub fn ConfirmButton(
    /// Text of the button.
    label: &'static str,
    /// The question.
    #[prop(into)]
    question: String,
    /// Text of the button that submits.
    act: &'static str,
    /// The form that is submitted.
    form: Form,
    /// Whether the question is open at first, for example after a failed submission.
    #[prop(optional)]
    open: bool,
    /// Further fields of the form.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <details class="disclosure" open=open>
            <summary class="button secondary">{label}</summary>
            <PostForm form>
                <p>{question}</p>
                {children.map(|children| children())}
                <Submit label=act pending=form.pending() variant="danger"/>
            </PostForm>
        </details>
    }
}
