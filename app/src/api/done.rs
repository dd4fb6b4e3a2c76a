//! Forms that succeeded: their page confirms it, beside the button.

use crate::page_query::query_param;
use leptos::server_fn::ServerFn;

/// Id of the confirmation on the page.
pub const CONFIRMATION: &str = "done";

/// The page of a form that succeeded, at its confirmation.
pub fn done_url(page: &str, form: &str) -> String {
    format!("{page}?done={}#{CONFIRMATION}", name(form))
}

/// Redirects to the page of a form that succeeded.
pub fn redirect_done<F: ServerFn>(page: &str) {
    leptos_axum::redirect(&done_url(page, F::PATH));
}

/// Whether this form has just succeeded.
pub fn is_done(form: &str) -> bool {
    query_param("done") == name(form)
}

/// The last part of a form's path.
fn name(form: &str) -> &str {
    form.rsplit('/').next().unwrap_or_default()
}
