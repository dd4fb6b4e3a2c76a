//! The few things asked of the browser itself. Called only from effects and handlers, which the server never runs.

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

/// Now.
#[allow(clippy::cast_possible_truncation, reason = "milliseconds fit until the year 287396")]
pub fn now() -> Time {
    Time(js_sys::Date::now() as i64)
}

/// Sets `data-<name>` of the page.
pub fn set_data_attribute(name: &str, value: &str) {
    if let Some(page) = document().document_element() {
        // Fails only for a name that is no attribute name.
        let _ = page.set_attribute(&format!("data-{name}"), value);
    }
}

/// `data-<name>` of the page.
pub fn data_attribute(name: &str) -> Option<String> {
    document().document_element()?.get_attribute(&format!("data-{name}"))
}

/// What survives a restart of the browser; absent when the person has switched it off.
pub fn local_storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

/// What survives a reload of this tab.
pub fn session_storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// Whether someone is looking at this tab right now.
pub fn is_focused() -> bool {
    !document().hidden() && document().has_focus().unwrap_or(true)
}

/// Whether the browser believes that it has a network.
pub fn online() -> bool {
    window().navigator().on_line()
}

/// Leaves the live page for a fresh one.
pub fn navigate(path: &str) {
    // Refused only for a URL that cannot be parsed.
    let _ = window().location().assign(path);
}

/// The path and query of the page.
pub fn path_and_query() -> String {
    let location = window().location();
    location.pathname().unwrap_or_default() + &location.search().unwrap_or_default()
}

/// Text as one part of a URL.
pub fn encode(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// Moves the focus.
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

/// Whether what has the focus matches.
pub fn has_focus(selector: &str) -> bool {
    document().active_element().is_some_and(|element| element.matches(selector).unwrap_or_default())
}

/// Whether a mouse or keyboard is at hand, so that focusing a text field does not raise a keyboard over the page.
pub fn has_keyboard() -> bool {
    let query = window().match_media("(hover: hover) and (pointer: fine)").ok().flatten();
    query.is_some_and(|query| query.matches())
}

/// Whether a dialog is open; it has its own use for Escape.
pub fn dialog_open() -> bool {
    document().query_selector("dialog[open]").is_ok_and(|dialog| dialog.is_some())
}

/// The element that an event is for.
pub fn target<E: JsCast>(event: &web_sys::Event) -> Option<E> {
    event.target()?.dyn_into().ok()
}

/// A request of this page.
fn request() -> RequestInit {
    let request = RequestInit::new();
    if let (Some(user), Ok(headers)) = (page_user(), Headers::new()) {
        // Fails only for what is no header.
        let _ = headers.set(PAGE_USER_HEADER, &user);
        request.set_headers(&headers);
    }
    request
}

/// The text of a small file of the site.
pub async fn fetch_text(path: &str) -> Option<String> {
    let answer = JsFuture::from(window().fetch_with_str_and_init(path, &request())).await.ok()?;
    let answer: Response = answer.unchecked_into();
    let text = JsFuture::from(answer.text().ok()?).await.ok()?.as_string()?;
    if answer.ok() {
        return Some(text);
    }
    // Why not matters only if the page ends for it.
    drop(Failure::de(text.into()));
    None
}

/// Sends a form to a server function; answers where to go next, if it says so.
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
        // The page ends as it would without scripts: the answer has what was written, to be copied.
        let _ = form.submit();
    }
    Err(failure)
}
