//! The WebAssembly entry point: hydrates the page that the server rendered, or enhances a server-rendered page.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page once this module is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    // A release build leaves out panic messages; a debug build logs them to the console.
    #[cfg(debug_assertions)]
    std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
    if !app::enhance() {
        leptos::mount::hydrate_body(app::App);
    }
}
