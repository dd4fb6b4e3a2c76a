//! Emoji shortcodes: `:fire:` becomes 🔥 while typing.

use crate::{
    browser, fetch,
    room::{
        markdown_code::ends_in_code,
        text_box::{self, text_before_cursor},
    },
};
use leptos::task::spawn_local;
use std::cell::OnceCell;
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlTextAreaElement, InputEvent};

thread_local! {
    /// All shortcodes, one per line with its emoji; fetched when the first colon is typed.
    static NAMES: OnceCell<String> = const { OnceCell::new() };
}

/// Replaces a shortcode by its emoji once the second colon is typed, unless the setting is off.
pub fn complete(area: HtmlTextAreaElement, event: &Event) {
    if !inserts(event)
        || !text_before_cursor(&area).ends_with(':')
        || browser::data_attribute("emoji").as_deref() == Some("off")
    {
        return;
    }
    spawn_local(async move {
        if NAMES.with(|names| names.get().is_none())
            && let Some(names) = fetch::fetch_text("/emoji.txt").await
        {
            // If it was set meanwhile, it has the same content.
            let _ = NAMES.with(|known| known.set(names));
        }
        NAMES.with(|names| replace(&area, names.get()?));
    });
}

/// Whether an event comes from typing. A shortcode that undoing brings back stays.
fn inserts(event: &Event) -> bool {
    event.dyn_ref::<InputEvent>().is_some_and(|event| event.input_type().starts_with("insert"))
}

fn replace(area: &HtmlTextAreaElement, names: &str) -> Option<()> {
    let before = text_before_cursor(area);
    let (name, emoji) = shortcode(&before, names)?;
    let end = area.selection_end().ok()??;
    // Shortcodes are ASCII, so their length in bytes equals the browser's count of UTF-16 units.
    let start = end.checked_sub(u32::try_from(name.len() + 2).ok()?)?;
    area.set_selection_range(start, end).ok()?;
    text_box::insert(area, emoji);
    Some(())
}

/// The shortcode that a text ends with, and its emoji. Not within a word or a URL, nor in code.
fn shortcode<'a>(before: &'a str, names: &'a str) -> Option<(&'a str, &'a str)> {
    let (head, name) = before.strip_suffix(':')?.rsplit_once(':')?;
    if head.ends_with(|last: char| last.is_ascii_alphanumeric()) || ends_in_code(head) {
        return None;
    }
    let (_, found) = names.split_once(&["\n", name, " "].concat())?;
    let (emoji, _) = found.split_once('\n')?;
    Some((name, emoji))
}

#[cfg(test)]
mod tests {
    use super::shortcode;

    #[test]
    fn a_shortcode_is_found_at_the_end_but_not_in_words_and_code() {
        let names = "\n+1 👍\nfire 🔥\n";
        assert_eq!(shortcode("good morning :fire:", names), Some(("fire", "🔥")));
        assert_eq!(shortcode("10:30: :+1:", names), Some(("+1", "👍")));
        for text in [":fire", "x:fire:", ":nothing:", ":fire:!", "~~~\n:fire:", "    :fire:", "`:fire:"] {
            assert_eq!(shortcode(text, names), None, "{text:?}");
        }
    }
}
