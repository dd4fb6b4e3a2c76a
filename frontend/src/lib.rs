//! The WebAssembly entry point: makes the page that the server rendered live, or attends to a still one.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page once this module is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    // A release leaves the text of panics out; while developing it is wanted in the console.
    #[cfg(debug_assertions)]
    std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
    if !app::enhance() {
        leptos::mount::hydrate_body(app::App);
    }
}
