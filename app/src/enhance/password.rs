//! Password fields: shown as text on request, and rated while a new password is typed.

use crate::{browser, fetch};
use leptos::{
    prelude::{document, set_timeout},
    task::spawn_local,
};
use std::{cell::Cell, time::Duration};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement};

/// The buttons that show a password.
pub const BUTTON: &str = ".show-password";
/// Pause in typing after which a password is rated.
const PAUSE: Duration = Duration::from_millis(400);
const RATE: &str = "/do/read/rate-password";
/// Fields of the same form whose text makes a bad password.
const KNOWN: [&str; 3] = ["username", "display_name", "email"];

thread_local! {
    /// Counts the changes of passwords, so that only the last one is rated.
    static CHANGES: Cell<u32> = const { Cell::new(0) };
}

/// Shows or hides the password of the button that was clicked, if it is one.
pub fn toggle(event: &Event) {
    let clicked = browser::target::<Element>(event).filter(|element| element.matches(BUTTON).unwrap_or_default());
    let Some(button) = clicked else { return };
    let input = button.parent_element().and_then(|field| find(&field, "input"));
    if let Some(input) = input.and_then(|input| input.dyn_into::<HtmlInputElement>().ok()) {
        let is_hidden = input.type_() == "password";
        input.set_type(if is_hidden { "text" } else { "password" });
        button.set_text_content(Some(if is_hidden { "Hide password" } else { "Show password" }));
    }
}

/// Hides all passwords, so that the browser does not remember one as other text.
pub fn hide_all() {
    let shown = || document().query_selector("input[type=text][autocomplete$=password]").ok().flatten();
    while let Some(input) = shown() {
        // Fails only for an invalid attribute name.
        drop(input.set_attribute("type", "password"));
        if let Some(button) = input.parent_element().and_then(|field| find(&field, BUTTON)) {
            button.set_text_content(Some("Show password"));
        }
    }
}

/// Rates the new password that is being typed, if it is one, once typing pauses.
pub fn rate(event: &Event) {
    let Some(input) = browser::target::<HtmlInputElement>(event) else { return };
    let Some(rating) = input.parent_element().and_then(|field| find(&field, ".password-rating")) else { return };
    let change = CHANGES.get() + 1;
    CHANGES.set(change);
    set_timeout(
        move || {
            if CHANGES.get() == change {
                spawn_local(show_rating(input, rating, change));
            }
        },
        PAUSE,
    );
}

/// Drops the rating that is under way: the server answers about the submitted password.
pub fn cancel_rating() {
    CHANGES.set(CHANGES.get() + 1);
}

/// Hides the rating of a field: its error says the same.
pub fn hide_rating(field: &Element) {
    if let Some(rating) = field.parent_element().and_then(|parent| find(&parent, ".password-rating")) {
        // Setting an attribute fails only for an invalid name.
        drop(rating.set_attribute("hidden", ""));
    }
}

async fn show_rating(input: HtmlInputElement, rating: Element, change: u32) {
    let password = input.value();
    let answer = if password.is_empty() {
        None
    } else {
        let mut fields = vec![("password", password)];
        for name in KNOWN {
            let form = input.form();
            let field = form.and_then(|form| find(&form, &["[name=", name, "]"].concat()));
            let value = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()).map(|field| field.value());
            fields.extend(value.map(|value| (name, value)));
        }
        fetch::post_fields(RATE, &fields).await
    };
    if CHANGES.get() != change {
        return;
    }
    // Setting and removing an attribute fails only for an invalid name.
    let _ = match answer.as_deref().and_then(|answer| answer.split_once('\n')) {
        Some((score, advice)) => {
            // An error was about the password typed before.
            if let Some(error) = input.parent_element().and_then(|field| find(&field, ".field-error")) {
                error.remove();
                let _ = input.remove_attribute("aria-invalid");
            }
            let _ = find(&rating, "meter").map(|meter| meter.set_attribute("value", score));
            if let Some(text) = find(&rating, "p") {
                text.set_text_content(Some(advice));
            }
            rating.remove_attribute("hidden")
        }
        None => rating.set_attribute("hidden", ""),
    };
}

fn find(parent: &Element, selector: &str) -> Option<Element> {
    parent.query_selector(selector).ok().flatten()
}
