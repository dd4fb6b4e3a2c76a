//! What every server function starts from: the rules, and who asks.

use crate::{api::Failure, forms::query_param};
use axum::http::{HeaderValue, StatusCode, header, request::Parts};
use leptos::{
    prelude::use_context,
    server::ServerActionError,
    server_fn::{ServerFn, error::ServerFnUrlError},
};
use leptos_axum::ResponseOptions;
use protocol::{
    error::{Code, Error},
    port::{BrowserSession, Chat},
    session::Caller,
};
use std::sync::Arc;

/// The rules.
pub fn chat() -> Result<Arc<dyn Chat>, Failure> {
    use_context().ok_or_else(|| Failure(Error::internal()))
}

/// The browser that asks.
pub fn browser_session() -> Result<Arc<dyn BrowserSession>, Failure> {
    use_context().ok_or_else(|| Failure(Error::internal()))
}

/// The rules, and the person who is signed in.
pub fn require_caller() -> Result<(Arc<dyn Chat>, Caller), Failure> {
    let caller = browser_session()?.caller().ok_or_else(|| Error::new(Code::NotSignedIn, "Sign in to go on."))?;
    Ok((chat()?, caller))
}

/// Where to go after signing in: only ever a path of this site.
pub fn local_path(next: Option<&str>) -> &str {
    next.filter(|path| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')
            && !path.starts_with("/do/")
    })
    .unwrap_or("/")
}

/// What an error that goes through the address of a page is sealed with, so that no link can put words on our pages.
const SIGNATURE_FIELD: &str = "__seal";

/// The error that led back to a form, if it is ours.
pub fn form_failure(form: &str) -> Option<Failure> {
    let error = use_context::<ServerActionError>().filter(|error| error.path() == form)?;
    let is_signed = chat().ok()?.verify_text(&signed_text(form, error.err()), &query_param(SIGNATURE_FIELD));
    is_signed.then(|| ServerFnUrlError::<Failure>::decode_err(error.err()))
}

fn signed_text(form: &str, error: &str) -> String {
    format!("{form} {error}")
}

/// The page of a form that failed, which then tells the error and has what was typed.
pub fn error_url(chat: &dyn Chat, page: &str, form: &str, failure: &Failure, typed: &[(&str, &str)]) -> String {
    let base = format!("http://lair{page}");
    let Ok(mut url) = ServerFnUrlError::new(form, failure.clone()).to_url(&base) else { return page.to_owned() };
    let error = url.query_pairs().find(|(name, _)| name == "__err").map(|(_, error)| error.into_owned());
    let signature = chat.sign_text(&signed_text(form, &error.unwrap_or_default())).unwrap_or_default();
    url.query_pairs_mut()
        .append_pair(SIGNATURE_FIELD, &signature)
        .extend_pairs(typed.iter().filter(|(_, value)| !value.is_empty()));
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

/// For a plain form that failed: back to its page, with the error and what was typed, so that nothing is typed twice.
pub fn redirect_back_on_error<F, T>(
    result: Result<T, Failure>,
    page: &str,
    typed: &[(&str, &str)],
) -> Result<T, Failure>
where
    F: ServerFn<Error = Failure>,
{
    if let (Err(failure), Some(response)) = (&result, no_js_response())
        && let Ok(chat) = chat()
        && let Ok(location) = HeaderValue::from_str(&error_url(&*chat, page, F::PATH, failure, typed))
    {
        response.insert_header(header::LOCATION, location);
        response.set_status(StatusCode::SEE_OTHER);
    }
    result
}

/// For a form that needs the password again: off to the page that asks for it, and back to this one afterwards. `None`
/// then; anything else is handed on.
pub fn redirect_to_confirm<T>(result: Result<T, Failure>, page: &str) -> Option<Result<T, Failure>> {
    match result {
        Err(failure) if failure.code() == Code::PasswordRequired => {
            leptos_axum::redirect(&format!("/settings/confirm?next={page}"));
            None
        }
        result => Some(result),
    }
}

/// For a plain form that worked: which page comes next. In a live page the form's own place shows what happened.
pub fn redirect_after(page: &str) {
    if no_js_response().is_some() {
        leptos_axum::redirect(page);
    }
}

/// Gives the answer a status, unless it goes to a plain form, which is led back to its page.
pub fn set_response_status(status: u16) {
    let is_form = no_js_response().is_some();
    let response = use_context::<ResponseOptions>().filter(|_| !is_form);
    if let (Some(response), Ok(status)) = (response, StatusCode::from_u16(status)) {
        response.set_status(status);
    }
}

/// Tells the server why a page or form was refused.
pub fn record_refusal(failure: &Failure) {
    if let Ok(session) = browser_session() {
        session.record_refusal(&failure.0);
    }
}

/// The response to a form that was sent by the browser itself.
fn no_js_response() -> Option<ResponseOptions> {
    let parts = use_context::<Parts>()?;
    let accept = parts.headers.get(header::ACCEPT)?.to_str().ok()?;
    accept.contains("text/html").then(use_context).flatten()
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        assert_eq!(local_path(Some("/rooms/1?before=2")), "/rooms/1?before=2");
        for elsewhere in
            ["https://evil.example", "//evil.example", "/\\evil.example", "", "rooms", "/a b", "/do/sign-out"]
        {
            assert_eq!(local_path(Some(elsewhere)), "/", "{elsewhere}");
        }
        assert_eq!(local_path(None), "/");
    }
}
