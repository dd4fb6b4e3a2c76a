//! The confirmation of a form that succeeded.

use crate::{api::done::CONFIRMATION, forms::Form};
use leptos::prelude::*;

/// Confirms, beside the button of a form, that it has just succeeded. The page is opened here, and `enhance` shows it
/// only once.
#[component]
pub fn Done(
    /// The form.
    form: Form,
    /// What was done.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    form.is_done().then(|| view! { <p class="success-message" id=CONFIRMATION role="status">{text}</p> }.into_any())
}
