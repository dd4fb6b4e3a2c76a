//! What a user is told when the code of the page has failed: it runs no longer, so the page has to be loaded again.

use crate::browser;
use leptos::prelude::document;
use maud::html;

/// Shows that the page has stopped working, and how to go on. The cause is in the console.
pub fn show() {
    let Some(body) = document().body() else { return };
    let page = browser::path_and_query();
    let notice = html! {
        div.panic-notice role="alert" {
            p { "This page stopped working. Reload it to go on. Messages that you were writing are kept." }
            // The code of the page may still run when links are followed.
            a.button.primary href=(page) rel="external" { "Reload" }
        }
    };
    // Fails only for an element without a parent.
    let _ = body.insert_adjacent_html("beforeend", &notice.into_string());
}
