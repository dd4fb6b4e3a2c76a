//! Forms that open below their button: brought into view.

use crate::browser;
use leptos::prelude::{document, request_animation_frame};
use web_sys::{Element, Event};

/// Scrolls to the form of the button that was clicked, if it has opened beyond the edge of the screen.
pub fn show(event: &Event) {
    let clicked = browser::target::<Element>(event);
    let button = clicked.and_then(|element| element.closest(".disclosure > summary").ok().flatten());
    let Some(disclosure) = button.and_then(|button| button.parent_element()) else { return };
    // The browser opens it after this event.
    request_animation_frame(move || {
        let height = document().document_element().map_or(0, |page| page.client_height());
        if disclosure.get_bounding_client_rect().bottom() > f64::from(height) {
            disclosure.scroll_into_view_with_bool(false);
        }
    });
}
