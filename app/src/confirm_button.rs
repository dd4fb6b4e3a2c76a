//! Confirmation without a script: a button that opens a question with the button that submits.

use crate::{
    forms::{Form, PostForm},
    ui::Submit,
};
use leptos::prelude::*;

/// A button that asks for confirmation before it submits.
#[component]
pub fn ConfirmButton(
    /// Text of the button.
    label: &'static str,
    /// Name of the button, if its text does not say what it is about.
    #[prop(optional, into)]
    name: Option<String>,
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
    let content = view! {
        <summary class="button secondary" aria-label=name>{label}</summary>
        <PostForm form>
            <p>{question}</p>
            {children.map(|children| children())}
            <Submit label=act pending=form.pending() variant="danger"/>
        </PostForm>
    };
    // Without the attribute, an open question stays open when its surroundings are rendered again.
    if open {
        view! { <details class="disclosure" open=true>{content}</details> }.into_any()
    } else {
        view! { <details class="disclosure">{content}</details> }.into_any()
    }
}
