//! Wrappers of browser APIs. Called only from effects and event handlers, which the server never runs.

use crate::{api::Failure, page_user::page_user};
use leptos::{
    prelude::{document, window},
    server_fn::{
        error::{FromServerFnError, ServerFnErrorErr},
        redirect::REDIRECT_HEADER,
    },
};
use protocol::{error::Code, session::PAGE_USER_HEADER, time::Time};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{FormData, Headers, HtmlElement, HtmlFormElement, RequestInit, Response, Storage, UrlSearchParams};

/// The current time.
#[allow(clippy::cast_possible_truncation, reason = "milliseconds fit until the year 287396")]
pub fn now() -> Time {
    Time(js_sys::Date::now() as i64)
}

/// Sets `data-<name>` of the `<html>` element.
pub fn set_data_attribute(name: &str, value: &str) {
    if let Some(page) = document().document_element() {
        // Fails only for an invalid attribute name.
        let _ = page.set_attribute(&format!("data-{name}"), value);
    }
}

/// Reads `data-<name>` of the `<html>` element.
pub fn data_attribute(name: &str) -> Option<String> {
    document().document_element()?.get_attribute(&format!("data-{name}"))
}

/// Storage that survives a restart of the browser; `None` if the user has disabled it.
pub fn local_storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// Storage that survives a reload of this tab; `None` if the user has disabled it.
pub fn session_storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// Whether this tab is visible and focused.
pub fn is_focused() -> bool {
    !document().hidden() && document().has_focus().unwrap_or(true)
}

/// Whether the browser reports a network.
pub fn online() -> bool {
    window().navigator().on_line()
}

/// Navigates by a full page load.
pub fn navigate(path: &str) {
    // Fails only for a URL that cannot be parsed.
    let _ = window().location().assign(path);
}

/// The path and query of the page.
pub fn path_and_query() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// Encodes text as one URL component.
pub fn encode(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// Moves the focus to the element.
pub fn focus(element: &HtmlElement) {
    let _ = element.focus();
}

/// Moves the focus to the first element that matches, if there is one.
pub fn focus_on(selector: &str) {
    let element = document().query_selector(selector).ok().flatten();
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        focus(&element);
    }
}

/// Whether the focused element matches.
pub fn has_focus(selector: &str) -> bool {
    document().active_element().is_some_and(|element| element.matches(selector).unwrap_or_default())
}

/// Whether there is a mouse or keyboard, so that focusing a text field does not open an on-screen keyboard.
pub fn has_keyboard() -> bool {
    let query = window().match_media("(hover: hover) and (pointer: fine)").ok().flatten();
    query.is_some_and(|query| query.matches())
}

/// Whether a dialog is open, which handles Escape itself.
pub fn dialog_open() -> bool {
    document().query_selector("dialog[open]").is_ok_and(|dialog| dialog.is_some())
}

/// The target element of an event.
pub fn target<E: JsCast>(event: &web_sys::Event) -> Option<E> {
    event.target()?.dyn_into().ok()
}

/// Request options with the page's user.
fn request() -> RequestInit {
    let request = RequestInit::new();
    if let (Some(user), Ok(headers)) = (page_user(), Headers::new()) {
        // Fails only for an invalid header.
        let _ = headers.set(PAGE_USER_HEADER, &user);
        request.set_headers(&headers);
    }
    request
}

/// Fetches a small text file of the site.
pub async fn fetch_text(path: &str) -> Option<String> {
    let answer = JsFuture::from(window().fetch_with_str_and_init(path, &request())).await.ok()?;
    let answer: Response = answer.unchecked_into();
    let text = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
    if answer.ok() {
        return Some(text);
    }
    // The error itself is not needed; decoding it ends the page if it belongs to another user.
    drop(Failure::de(text.into()));
    None
}

/// Submits a form to a server function; returns where to redirect, if the response says so.
pub async fn post(path: &str, fields: &HtmlFormElement) -> Result<Option<String>, Failure> {
    let unreachable = |error: JsValue| Failure::from_server_fn_error(ServerFnErrorErr::Request(format!("{error:?}")));
    let form = fields;
    let fields = FormData::new_with_form(form).map_err(unreachable)?;
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&fields).map_err(unreachable)?;
    let request = request();
    request.set_method("POST");
    request.set_body(&fields);
    let answer = JsFuture::from(window().fetch_with_str_and_init(path, &request)).await.map_err(unreachable)?;
    let answer: Response = answer.unchecked_into();
    let text = JsFuture::from(answer.text().map_err(unreachable)?).await.map_err(unreachable)?;
    if answer.ok() {
        let header = |name| answer.headers().get(name).ok().flatten();
        return Ok(header(REDIRECT_HEADER).and_then(|_| header("location")));
    }
    let failure = Failure::from_response(text.as_string().unwrap_or_default().into());
    if failure.code() == Code::OtherUser {
        // Submit as without JavaScript: the response page shows the typed text, to be copied.
        let _ = form.submit();
    }
    Err(failure)
}
