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

/// The keys of [`local_storage`] that begin with this.
pub fn stored_keys(prefix: &str) -> Vec<String> {
    let Some(storage) = local_storage() else { return Vec::new() };
    let keys = (0..storage.length().unwrap_or_default()).filter_map(|index| storage.key(index).ok().flatten());
    keys.filter(|key| key.starts_with(prefix)).collect()
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

/// The fragment of the page's URL with its `#`, or nothing.
pub fn fragment() -> String {
    window().location().hash().unwrap_or_default()
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

/// Whether the main pointer is a mouse: then focusing a text field opens no virtual keyboard.
pub fn has_mouse() -> bool {
    let query = window().match_media("(hover: hover) and (pointer: fine)").ok().flatten();
    query.is_some_and(|query| query.matches())
}

/// Whether a virtual keyboard covers a part of the page. Where it makes the page smaller instead, its keys have no code.
pub fn virtual_keyboard_shown() -> bool {
    let (viewport, page) = (window().visual_viewport(), document().document_element());
    let heights = viewport.zip(page).map(|(viewport, page)| {
        // Zooming in shows less of the page, too.
        (viewport.height() * viewport.scale(), f64::from(page.client_height()))
    });
    // The bar that a tablet shows for a physical keyboard is lower.
    heights.is_some_and(|(visible, page)| visible < page * 0.8)
}

/// Whether an element matches.
pub fn exists(selector: &str) -> bool {
    document().query_selector(selector).is_ok_and(|element| element.is_some())
}

/// Whether a dialog is open, which handles Escape itself.
pub fn dialog_open() -> bool {
    exists("dialog[open]")
}

/// The target element of an event.
pub fn target<E: JsCast>(event: &web_sys::Event) -> Option<E> {
    event.target()?.dyn_into().ok()
}
