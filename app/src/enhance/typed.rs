//! What is typed into the other forms of a page when one of them is submitted: the page loads again, and still has it.

use crate::browser;
use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlFormElement, HtmlInputElement, HtmlTextAreaElement, Node};

const KEY: &str = "lair.typed";
/// Between a form that needs the password and its page.
const CONFIRM: &str = "/settings/confirm";
/// Neither passwords, which may be shown as text, nor files.
const FIELDS: &str =
    "form[method=post] :is(textarea, input[type=text]:not([autocomplete$=password]), input[type=email])";

/// A page, and the ids of its fields with what was typed into them.
type Typed = (String, Vec<(String, String)>);

/// Keeps what was typed into other forms than this one.
pub fn keep(submitted: &HtmlFormElement) {
    let is_other = |field: &Field| !submitted.contains(Some(field.node()));
    let typed = fields().into_iter().filter(|(_, field)| is_other(field) && field.is_changed());
    let typed: Typed = (path(), typed.map(|(id, field)| (id, field.value())).collect());
    if let (Some(storage), false, Ok(text)) =
        (browser::session_storage(), typed.1.is_empty(), serde_json::to_string(&typed))
    {
        // If the storage is full, only this is lost.
        let _ = storage.set_item(KEY, &text);
    }
}

/// Shows what was kept for this page, once.
pub fn restore() {
    let Some(storage) = browser::session_storage().filter(|_| path() != CONFIRM) else { return };
    let kept = storage.get_item(KEY).ok().flatten();
    // Fails only where there is no storage.
    let _ = storage.remove_item(KEY);
    let Some((_, typed)) =
        kept.and_then(|text| serde_json::from_str::<Typed>(&text).ok()).filter(|kept| kept.0 == path())
    else {
        return;
    };
    for (id, field) in fields() {
        if let Some((_, value)) = typed.iter().find(|(other, _)| *other == id) {
            field.set_value(value);
        }
    }
}

fn path() -> String {
    window().location().pathname().unwrap_or_default()
}

fn fields() -> Vec<(String, Field)> {
    let Ok(found) = document().query_selector_all(FIELDS) else { return Vec::new() };
    let elements = (0..found.length()).filter_map(|index| found.get(index)?.dyn_into::<Element>().ok());
    elements.filter_map(|element| Some((element.id(), Field::new(element)?))).collect()
}

enum Field {
    Input(HtmlInputElement),
    TextArea(HtmlTextAreaElement),
}

impl Field {
    fn new(element: Element) -> Option<Self> {
        match element.dyn_into() {
            Ok(input) => Some(Self::Input(input)),
            Err(element) => element.dyn_into().ok().map(Self::TextArea),
        }
    }

    fn node(&self) -> &Node {
        match self {
            Self::Input(input) => input,
            Self::TextArea(text) => text,
        }
    }

    fn value(&self) -> String {
        match self {
            Self::Input(input) => input.value(),
            Self::TextArea(text) => text.value(),
        }
    }

    fn is_changed(&self) -> bool {
        match self {
            Self::Input(input) => input.value() != input.default_value(),
            Self::TextArea(text) => text.default_value().is_ok_and(|before| text.value() != before),
        }
    }

    fn set_value(&self, value: &str) {
        match self {
            Self::Input(input) => input.set_value(value),
            Self::TextArea(text) => text.set_value(value),
        }
    }
}
