//! Wrappers of browser APIs. Called only from effects and event handlers, which the server never runs.

use leptos::prelude::{document, window};
use protocol::time::Time;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Storage};

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
