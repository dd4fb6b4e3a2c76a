//! Files that are dropped on a page or pasted into it. They can't be sent yet.

use crate::browser;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ClipboardEvent, DataTransfer, DragEvent, Element, Event};

/// What is shown then.
pub const UNSUPPORTED: &str = "Files can't be sent yet.";

/// Stays on the page when a file is dropped on it: a browser would show the file instead.
pub fn stay_on_page() {
    let _ = window_event_listener_untyped("dragover", |event| {
        let Some(files) = dragged_files(&event) else { return };
        event.prevent_default();
        // Where nothing can be sent, the cursor says so.
        if !browser::exists(".composer") {
            files.set_drop_effect("none");
        }
    });
    let _ = window_event_listener_untyped("drop", |event| {
        if dragged_files(&event).is_some() {
            event.prevent_default();
        }
    });
}

/// Runs `then` when someone drops or pastes a file, until the component is gone.
pub fn on_files(then: impl Fn() + Copy + 'static) {
    let dropped = window_event_listener_untyped("drop", move |event| {
        if dragged_files(&event).is_some() {
            then();
        }
    });
    let pasted = window_event_listener_untyped("paste", move |event| {
        if pastes_only_files(&event) {
            event.prevent_default();
            then();
        }
    });
    on_cleanup(move || {
        dropped.remove();
        pasted.remove();
    });
}

/// The files of a drag, unless they are over a field that takes them.
fn dragged_files(event: &Event) -> Option<DataTransfer> {
    let transfer = event.dyn_ref::<DragEvent>()?.data_transfer()?;
    let over_field = browser::target::<Element>(event).is_some_and(|at| at.matches("input[type=file]") == Ok(true));
    (has_files(&transfer) && !over_field).then_some(transfer)
}

/// Whether files are pasted, and no text that came with them: a spreadsheet copies its cells as text and as a picture.
fn pastes_only_files(event: &Event) -> bool {
    let clipboard = event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data);
    clipboard.is_some_and(|data| has_files(&data) && data.get_data("text/plain").is_ok_and(|text| text.is_empty()))
}

fn has_files(transfer: &DataTransfer) -> bool {
    transfer.types().includes(&JsValue::from_str("Files"), 0)
}
