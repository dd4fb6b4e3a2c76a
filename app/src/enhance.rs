//! Progressive enhancement of server-rendered pages. The page opens a connection, so that it ends with the session that
//! it belongs to, keeps the counts beside it up to date, and submits its forms in the background, so that typed text
//! remains when a form has errors.

mod copy;
mod disclosure;
mod form;
pub mod password;
mod sidebar;
mod typed;

use crate::{
    address,
    api::{self, Wire},
    browser, files,
    live::Live,
    ui,
};
use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement};

/// Enhances the page for its lifetime; returns false if it is not a server-rendered page.
pub fn enhance() -> bool {
    let Some(server_page) = browser::data_attribute("server-page") else { return false };
    // Fails only if an executor is set already.
    let _ = any_spawner::Executor::init_wasm_bindgen();
    let owner = Owner::new();
    owner.with(|| {
        let live = (server_page == "signed-in").then(connect);
        live.into_iter().for_each(sidebar::follow);
        let _ = window_event_listener_untyped("submit", move |event| {
            password::hide_all();
            form::submit(&event, live);
        });
        let _ = window_event_listener_untyped("input", |event| password::rate(&event));
        let _ = window_event_listener_untyped("click", |event| {
            password::toggle(&event);
            copy::copy(&event);
            disclosure::show(&event);
        });
    });
    show_all(password::BUTTON);
    if copy::is_available() {
        show_all(copy::BUTTON);
    }
    // The owner lives as long as the page.
    std::mem::forget(owner);
    files::stay_on_page();
    if server_page == "auth" {
        keep_fragment();
    }
    address::forget_result();
    typed::restore();
    ui::localize_times();
    browser::set_data_attribute("hydrated", "true");
    true
}

/// Shows elements that would do nothing without a script.
fn show_all(selector: &str) {
    let next = || document().query_selector(&[selector, "[hidden]"].concat()).ok().flatten();
    while let Some(element) = next() {
        // Fails only for an invalid attribute name.
        let _ = element.remove_attribute("hidden");
    }
}

/// Takes the fragment of the URL along to the page after signing in, also over a link to another auth page. The browser
/// keeps it when it is redirected here, but never sends it.
fn keep_fragment() {
    let fragment = browser::fragment();
    if fragment.is_empty() {
        return;
    }
    let all = |selector| {
        let found = document().query_selector_all(selector).ok();
        found.into_iter().flat_map(|found| (0..found.length()).filter_map(move |index| found.get(index)))
    };
    for field in
        all("[name='next'], [name='context[next]']").filter_map(|field| field.dyn_into::<HtmlInputElement>().ok())
    {
        if !field.value().is_empty() {
            field.set_value(&[field.value(), fragment.clone()].concat());
        }
    }
    for link in all("a[href*='next=']").filter_map(|link| link.dyn_into::<Element>().ok()) {
        let path = link.get_attribute("href").unwrap_or_default();
        // Fails only for an invalid attribute name.
        let _ = link.set_attribute("href", &[path, fragment.clone()].concat());
    }
}

/// Opens the connection of a signed-in page.
fn connect() -> Live {
    let live = Live::new();
    spawn_local(async move {
        if let Ok(Wire(snapshot)) = api::get_snapshot().await {
            live.start(&snapshot);
            live.apply_settings();
        }
    });
    live
}
