//! What the browser does for a still page. It listens, so that the page goes with the session that it belongs to, and it
//! sends the page's forms without leaving the page, so that what was typed stays when something is wrong with it.

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

/// Attends to the page for as long as it is there; false if it is not a still one.
pub fn enhance() -> bool {
    let Some(server_page) = browser::data_attribute("still") else { return false };
    // Fails only when there is one already, which is as well.
    let _ = any_spawner::Executor::init_wasm_bindgen();
    let owner = Owner::new();
    owner.with(|| {
        let live = (server_page == "signed-in").then(connect);
        let _ = window_event_listener_untyped("submit", move |event| form::submit(&event, live));
    });
    // The page keeps it until it goes.
    std::mem::forget(owner);
    ui::localize_times();
    browser::set_data_attribute("hydrated", "true");
    true
}

/// Opens the socket of a page behind the door.
fn connect() -> Live {
    let live = Live::new();
    spawn_local(async move {
        if let Ok(Wire(snapshot)) = api::read_snapshot().await {
            live.start(&snapshot);
            live.apply_settings();
        }
    });
    live
}
