//! The text boxes of the composer and of a message that is being edited.

use crate::browser;
use js_sys::JsString;
use leptos::{ev::KeyboardEvent, prelude::*};
use protocol::limits::MESSAGE_CHARS;
use wasm_bindgen::JsCast;
use web_sys::{Event, EventInit, HtmlDocument, HtmlTextAreaElement};

/// The counter is shown from this number of characters on.
const COUNTED_FROM: usize = MESSAGE_CHARS / 10 * 9;
/// Key code of a key press that belongs to an input method. Safari sends the Enter that ends a composition after it, as
/// if it were an ordinary one; only this number tells (<https://bugs.webkit.org/show_bug.cgi?id=165004>).
const INPUT_METHOD: u32 = 229;

/// What a key press means in a text box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// Send or save.
    Send,
    /// A new line that the browser does not make by itself.
    NewLine,
    /// Arrow up.
    Up,
    /// Escape.
    Cancel,
    /// Left to the browser.
    Other,
}

/// What a key press consists of.
#[derive(Clone, Copy, Debug)]
struct Press<'a> {
    key: &'a str,
    /// Empty on a virtual keyboard, whose keys have no place.
    code: &'a str,
    /// [`INPUT_METHOD`] during a composition, too.
    key_code: u32,
    shift: bool,
    alt: bool,
    /// Ctrl or Cmd.
    command: bool,
}

impl Press<'_> {
    /// `breaks`: whether Enter alone makes a line, by the user's setting.
    fn meaning(self, breaks: bool, virtual_keyboard: impl Fn() -> bool) -> Key {
        if self.key_code == INPUT_METHOD {
            return Key::Other;
        }
        match self.key {
            "Escape" => Key::Cancel,
            "ArrowUp" if !(self.shift || self.alt || self.command) => Key::Up,
            // A virtual keyboard has no Shift+Enter, so its Enter makes a line.
            "Enter" if self.code.is_empty() || virtual_keyboard() => Key::Other,
            "Enter" if self.alt => Key::NewLine,
            "Enter" if self.command || !(self.shift || breaks) => Key::Send,
            _ => Key::Other,
        }
    }
}

/// What a key press means. A physical keyboard is told by its events: the main pointer of a device with one may be a
/// finger, or none at all.
pub fn meaning(event: &KeyboardEvent) -> Key {
    let (key, code) = (event.key(), event.code());
    let press = Press {
        key: &key,
        code: &code,
        key_code: if event.is_composing() { INPUT_METHOD } else { event.key_code() },
        shift: event.shift_key(),
        alt: event.alt_key(),
        command: event.ctrl_key() || event.meta_key(),
    };
    let breaks = browser::data_attribute("enter").as_deref() == Some("breaks");
    press.meaning(breaks, browser::virtual_keyboard_shown)
}

/// Inserts a text in place of the selection, as if it were typed: the browser can undo it.
pub fn insert(area: &HtmlTextAreaElement, text: &str) {
    let page = document().unchecked_into::<HtmlDocument>();
    let has_focus = document().active_element().is_some_and(|element| element == ***area);
    let typed = has_focus && page.exec_command_with_show_ui_and_value("insertText", false, text) == Ok(true);
    if typed {
        return;
    }
    let (start, end) = (area.selection_start().ok().flatten(), area.selection_end().ok().flatten());
    if let (Some(start), Some(end)) = (start, end) {
        // Fails only for a range that is not in the text.
        let _ = area.set_range_text_with_start_and_end_and_mode(text, start, end, "end");
        changed(area);
    }
}

/// Replaces the whole text.
pub fn set_text(area: &HtmlTextAreaElement, text: &str) {
    area.set_value(text);
    changed(area);
}

/// The text before the cursor.
pub fn text_before_cursor(area: &HtmlTextAreaElement) -> String {
    let end = area.selection_end().ok().flatten().unwrap_or_default();
    JsString::from(area.value()).substring(0, end).into()
}

/// Tells the handlers of a text box that its text has changed.
fn changed(area: &HtmlTextAreaElement) {
    let init = EventInit::new();
    init.set_bubbles(true);
    if let Ok(event) = Event::new_with_event_init_dict("input", &init) {
        // Fails only for an event that is being dispatched already.
        let _ = area.dispatch_event(&event);
    }
}

/// How many characters a text has, as the limit counts them.
pub fn count_chars(area: &HtmlTextAreaElement) -> usize {
    area.value().chars().count()
}

/// The number of characters, once it comes near the limit.
#[component]
pub fn CharCount(
    /// Characters in the text.
    count: RwSignal<usize>,
) -> impl IntoView {
    let shown = Memo::new(move |_| Some(count.get()).filter(|count| *count >= COUNTED_FROM));
    move || {
        shown.get().map(|count| {
            view! {
                <span class="char-count" class:over=move || { count > MESSAGE_CHARS }>
                    {format!("{count} / {MESSAGE_CHARS}")}
                </span>
            }
            .into_any()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{INPUT_METHOD, Key, Press};

    const ENTER: Press<'_> =
        Press { key: "Enter", code: "Enter", key_code: 13, shift: false, alt: false, command: false };

    fn on_keyboard(press: Press<'_>) -> Key {
        press.meaning(false, || false)
    }

    #[test]
    fn enter_sends_depending_on_the_setting_and_the_keys_held() {
        assert_eq!(on_keyboard(ENTER), Key::Send);
        assert_eq!(on_keyboard(Press { code: "NumpadEnter", ..ENTER }), Key::Send);
        assert_eq!(on_keyboard(Press { shift: true, ..ENTER }), Key::Other);
        assert_eq!(on_keyboard(Press { command: true, ..ENTER }), Key::Send);
        assert_eq!(ENTER.meaning(true, || false), Key::Other);
        assert_eq!(Press { command: true, ..ENTER }.meaning(true, || false), Key::Send);
        for breaks in [false, true] {
            let alt = Press { alt: true, ..ENTER };
            assert_eq!(alt.meaning(breaks, || false), Key::NewLine);
            // AltGr of some layouts.
            assert_eq!(Press { command: true, ..alt }.meaning(breaks, || false), Key::NewLine);
        }
    }

    #[test]
    fn keys_of_an_input_method_mean_nothing() {
        for key in ["Enter", "Escape", "ArrowUp"] {
            let press = Press { key, code: key, ..ENTER };
            assert_ne!(on_keyboard(press), Key::Other, "{key}");
            assert_eq!(on_keyboard(Press { key_code: INPUT_METHOD, ..press }), Key::Other, "{key}");
        }
    }

    #[test]
    fn enter_of_a_virtual_keyboard_makes_a_line() {
        assert_eq!(on_keyboard(Press { code: "", ..ENTER }), Key::Other);
        assert_eq!(ENTER.meaning(false, || true), Key::Other);
    }

    #[test]
    fn arrow_up_with_another_key_moves_the_cursor_or_selects() {
        let up = Press { key: "ArrowUp", code: "ArrowUp", key_code: 38, ..ENTER };
        assert_eq!(on_keyboard(up), Key::Up);
        for held in [Press { shift: true, ..up }, Press { alt: true, ..up }, Press { command: true, ..up }] {
            assert_eq!(on_keyboard(held), Key::Other);
        }
    }
}
