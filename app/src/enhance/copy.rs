//! Buttons that copy a secret to the clipboard.

use crate::browser;
use leptos::{
    prelude::{set_timeout, window},
    task::spawn_local,
};
use std::time::Duration;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, Event};

/// The buttons.
pub const BUTTON: &str = ".copy-button";
/// How long a button confirms that it has copied.
const CONFIRMATION: Duration = Duration::from_secs(2);

/// Whether the page may write to the clipboard: browsers allow it only over TLS and on this machine.
pub fn is_available() -> bool {
    window().is_secure_context()
}

/// Copies the text of the button that was clicked, if it is one.
pub fn copy(event: &Event) {
    let clicked = browser::target::<Element>(event).filter(|element| element.matches(BUTTON).unwrap_or_default());
    let Some(button) = clicked else { return };
    let text = button.get_attribute("data-copy").unwrap_or_default();
    let copied = window().navigator().clipboard().write_text(&text);
    spawn_local(async move {
        // If the browser does not allow it, the text can still be selected.
        if JsFuture::from(copied).await.is_ok() {
            button.set_text_content(Some("Copied"));
            set_timeout(move || button.set_text_content(Some("Copy")), CONFIRMATION);
        }
    });
}
