//! The WebAssembly entry point: hydrates the page that the server rendered, or enhances a server-rendered page.

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page once this module is loaded.
#[wasm_bindgen]
pub fn hydrate() {
    std::panic::set_hook(Box::new(|panic| {
        leptos::logging::error!("{panic}");
        app::show_panic_notice();
    }));
    if !app::enhance() {
        leptos::mount::hydrate_body(app::App);
    }
}
