//! Progressive enhancement of server-rendered pages. The page opens a connection, so that it ends with the session that
//! it belongs to, and submits its forms in the background, so that typed text remains when a form has errors.

mod form;

use crate::{
    api::{
        Wire, {self},
    },
    browser,
    live::Live,
    ui,
};
use leptos::{prelude::*, task::spawn_local};

/// Enhances the page for its lifetime; returns false if it is not a server-rendered page.
pub fn enhance() -> bool {
    let Some(server_page) = browser::data_attribute("server-page") else { return false };
    // Fails only if an executor is set already.
    let _ = any_spawner::Executor::init_wasm_bindgen();
    let owner = Owner::new();
    owner.with(|| {
        let live = (server_page == "signed-in").then(connect);
        let _ = window_event_listener_untyped("submit", move |event| form::submit(&event, live));
    });
    // The owner lives as long as the page.
    std::mem::forget(owner);
    ui::localize_times();
    browser::set_data_attribute("hydrated", "true");
    true
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
