//! The request context of server functions: the service, the browser session and the caller.

use crate::{
    api::{
        Failure,
        refused_form::{no_js_response, refusal},
    },
    page_query::query_param,
};
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

/// The chat service.
pub fn chat() -> Result<Arc<dyn Chat>, Failure> {
    use_context().ok_or_else(|| Failure(Error::internal()))
}

/// The browser session of the request.
pub fn browser_session() -> Result<Arc<dyn BrowserSession>, Failure> {
    use_context().ok_or_else(|| Failure(Error::internal()))
}

/// The chat service and the signed-in caller.
pub fn require_caller() -> Result<(Arc<dyn Chat>, Caller), Failure> {
    let caller = browser_session()?.caller().ok_or_else(|| Error::new(Code::NotSignedIn, "Sign in to continue."))?;
    Ok((chat()?, caller))
}

/// The path of the page that is being rendered, or of the server function.
pub fn request_path() -> String {
    use_context::<Parts>().map(|parts| parts.uri.path().to_owned()).unwrap_or_default()
}

/// Where to redirect after sign-in: always a path of this site, which does not change when a browser resolves it.
pub fn local_path(next: Option<&str>) -> &str {
    let Some(next) = next.filter(|next| next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\')) else { return "/" };
    let end = next.find(['?', '#']).unwrap_or(next.len());
    let (path, rest) = next.split_at(end);
    if !is_plain(path) || path.starts_with("/do/") {
        return "/";
    }
    // The fields of an error are ours to set.
    if rest.contains("__") { path } else { next }
}

/// Whether a path has no empty segment and none that a URL parser removes: `/..//host` resolves to another host.
fn is_plain(path: &str) -> bool {
    let Some(path) = path.strip_prefix('/') else { return false };
    let is_dots = |part: &str| matches!(part.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    let mut parts = path.split('/').rev();
    // Only the last segment may be empty.
    !parts.next().is_some_and(is_dots) && parts.all(|part| !part.is_empty() && !is_dots(part))
}

/// Query field with the signature of an error that is passed in a URL, so that no link can put foreign text on our
/// pages.
const SIGNATURE_FIELD: &str = "__signature";

/// The error that a form was refused with, or that redirected back to it with a valid signature.
pub fn form_failure(form: &str) -> Option<Failure> {
    if let Some(refusal) = refusal(form) {
        return Some(refusal);
    }
    let error = use_context::<ServerActionError>().filter(|error| error.path() == form)?;
    let is_signed = chat().ok()?.verify_text(&signed_text(form, error.err()), &query_param(SIGNATURE_FIELD));
    is_signed.then(|| ServerFnUrlError::<Failure>::decode_err(error.err()))
}

fn signed_text(form: &str, error: &str) -> String {
    format!("{form} {error}")
}

/// The URL of the page of a form that failed, with the error and what was typed.
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

/// If a form submitted without JavaScript failed: redirects to its page, with the error and what was typed, so that
/// nothing must be typed twice.
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

/// The same for fields that must not appear in a URL, which remains in the history and in logs of proxies: they are in a
/// short-lived cookie, where [`typed_field`] finds them.
pub fn redirect_back_privately<F, T>(
    result: Result<T, Failure>,
    page: &str,
    query: &[(&str, &str)],
    typed: &[(&str, &str)],
) -> Result<T, Failure>
where
    F: ServerFn<Error = Failure>,
{
    if result.is_err()
        && no_js_response().is_some()
        && let Ok(fields) = serde_json::to_string(&(F::PATH, typed))
        && let Ok(signed) = chat()?.wrap_text(&fields)
    {
        browser_session()?.set_typed(&signed);
    }
    redirect_back_on_error::<F, T>(result, page, query)
}

/// What was typed into a field of the form that has just failed.
pub fn typed_field(form: &str, field: &str) -> Option<String> {
    let signed = browser_session().ok()?.take_typed()?;
    let text = chat().ok()?.unwrap_text(&signed)?;
    let (path, fields): (String, Vec<(String, String)>) = serde_json::from_str(&text).ok()?;
    let found = (path == form).then(|| fields.into_iter().find(|(name, _)| name == field));
    found.flatten().map(|(_, value)| value)
}

/// If a form needs the password again: redirects to the page that asks for it, and then back to this one with what was
/// chosen, and returns `None`; any other result is passed through. The chosen values are words of ours.
pub fn redirect_to_confirm<T>(
    result: Result<T, Failure>,
    page: &str,
    chosen: &[(&str, &str)],
) -> Option<Result<T, Failure>> {
    match result {
        Err(failure) if failure.code() == Code::PasswordRequired => {
            let chosen: String = chosen.iter().map(|(field, value)| ["%26", field, "=", value].concat()).collect();
            leptos_axum::redirect(&format!("/settings/confirm?next={page}%3Funsaved=1{chosen}"));
            None
        }
        result => Some(result),
    }
}

/// The page to show after a form submitted without JavaScript succeeded. On a hydrated page the form itself shows the
/// result.
pub fn redirect_after(page: &str) {
    if no_js_response().is_some() {
        leptos_axum::redirect(page);
    }
}

/// Opens the page that a form names in its field `next`, if it has one.
pub fn redirect_to_next(next: &str) {
    if !next.is_empty() {
        leptos_axum::redirect(local_path(Some(next)));
    }
}

/// Sets the status of the response, except for a form submitted without JavaScript, which is redirected to its page.
pub fn set_response_status(status: u16) {
    let is_form = no_js_response().is_some();
    let response = use_context::<ResponseOptions>().filter(|_| !is_form);
    if let (Some(response), Ok(status)) = (response, StatusCode::from_u16(status)) {
        response.set_status(status);
    }
}

/// Records for the server's log why a page or form was refused.
pub fn record_refusal(failure: &Failure) {
    if let Ok(session) = browser_session() {
        session.record_refusal(&failure.0);
    }
}

#[cfg(test)]
mod tests {
    use super::local_path;

    #[test]
    fn only_paths_of_this_site_are_followed() {
        assert_eq!(local_path(Some("/rooms/1?before=2")), "/rooms/1?before=2");
        for other in ["https://evil.example", "//evil.example", "/\\evil.example", "", "rooms", "/a b", "/do/sign-out"]
        {
            assert_eq!(local_path(Some(other)), "/", "{other}");
        }
        for other in [
            "/..//evil.example",
            "/.//evil.example",
            "/./",
            "/..",
            "/a/../b",
            "/%2e%2E//evil.example",
            "/a//evil.example",
            "//",
            "///evil.example",
            "/\t/evil.example",
            "/\u{7f}",
            "/a\r\nb: c",
            "/do/../do/sign-out",
            "/.%2e/x",
        ] {
            assert_eq!(local_path(Some(other)), "/", "{other}");
        }
        for ours in ["/", "/rooms/", "/rooms?x=..//y", "/rooms/1#m-2", "/a.b/..c", "/people/a%2fb"] {
            assert_eq!(local_path(Some(ours)), ours);
        }
        // A page cannot be given an error that another form had.
        assert_eq!(local_path(Some("/people?__path=/do/block-user&__err=x")), "/people");
        assert_eq!(local_path(None), "/");
    }
}
