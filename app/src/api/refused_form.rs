//! Forms that were submitted without JavaScript, whose text is too long for a URL. When one is refused, the response
//! itself is the page of the form, with the error and the text.

use crate::api::Failure;
use axum::http::{header, request::Parts};
use leptos::{prelude::use_context, server_fn::ServerFn};
use leptos_axum::ResponseOptions;
use protocol::error::Code;
use std::sync::{Arc, OnceLock};

/// The page for a text whose own page cannot be opened.
pub const UNSENT: &str = "/unsent";

/// A form that was refused; in the extensions of the request for the page that answers it.
#[derive(Clone, Debug)]
pub struct RefusedForm {
    /// The path of the page.
    pub page: String,
    /// Why it was refused.
    pub failure: Failure,
    /// Where the form is sent to.
    form: &'static str,
    /// What was typed.
    pub(crate) text: String,
}

/// Where a server function leaves a refused form; in the extensions of the request.
#[derive(Clone, Debug, Default)]
pub struct RefusedFormSlot(Arc<OnceLock<RefusedForm>>);

impl RefusedFormSlot {
    /// The refused form, if the request had one.
    pub fn get(&self) -> Option<&RefusedForm> {
        self.0.get()
    }
}

/// If a form submitted without JavaScript failed: answers with its page, with the error and the text.
pub fn show_again_on_error<F, T>(result: Result<T, Failure>, page: &str, text: String) -> Result<T, Failure>
where
    F: ServerFn<Error = Failure>,
{
    let slot = || use_context::<Parts>()?.extensions.get::<RefusedFormSlot>().cloned();
    if let Err(failure) = &result
        && accepts_page()
        && let Some(RefusedFormSlot(slot)) = slot()
    {
        let page = if can_open_page(failure.code()) { page } else { UNSENT };
        // A request is one form, so the slot is empty.
        let _ = slot.set(RefusedForm { page: page.to_owned(), failure: failure.clone(), form: F::PATH, text });
    }
    result
}

const fn can_open_page(code: Code) -> bool {
    !matches!(code, Code::NotSignedIn | Code::NotFound | Code::NotAMember | Code::Forbidden)
}

/// The refused form that this page answers.
pub fn refused_form() -> Option<RefusedForm> {
    use_context::<Parts>()?.extensions.get().cloned()
}

/// Why this form was refused.
pub fn refusal(form: &str) -> Option<Failure> {
    refused_form().filter(|refused| refused.form == form).map(|refused| refused.failure)
}

/// What was typed into this form that was refused.
pub fn refused_text(form: &str) -> Option<String> {
    refused_form().filter(|refused| refused.form == form).map(|refused| refused.text)
}

/// Whether the browser submitted the form itself, and shows the response.
fn accepts_page() -> bool {
    no_js_response().is_some()
}

/// The response to a form that the browser submitted itself.
pub fn no_js_response() -> Option<ResponseOptions> {
    let parts = use_context::<Parts>()?;
    let accept = parts.headers.get(header::ACCEPT)?.to_str().ok()?;
    accept.contains("text/html").then(use_context).flatten()
}
