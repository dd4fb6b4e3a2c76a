//! Emoji shortcodes: `:fire:` becomes 🔥 while typing.

use crate::{browser, fetch};
use js_sys::JsString;
use leptos::task::spawn_local;
use std::cell::OnceCell;
use web_sys::HtmlTextAreaElement;

thread_local! {
    /// All shortcodes, one per line with its emoji; fetched when the first colon is typed.
    static NAMES: OnceCell<String> = const { OnceCell::new() };
}

/// Replaces a shortcode by its emoji once the second colon is typed, unless the setting is off.
pub fn complete(area: HtmlTextAreaElement, done: impl Fn(&str) + 'static) {
    if !text_before_cursor(&area).ends_with(':') || browser::data_attribute("emoji").as_deref() == Some("off") {
        return;
    }
    spawn_local(async move {
        if NAMES.with(|names| names.get().is_none())
            && let Some(names) = fetch::fetch_text("/emoji.txt").await
        {
            // If it was set meanwhile, it has the same content.
            let _ = NAMES.with(|known| known.set(names));
        }
        if NAMES.with(|names| replace(&area, names.get()?)).is_some() {
            done(&area.value());
        }
    });
}

/// The text before the cursor.
fn text_before_cursor(area: &HtmlTextAreaElement) -> String {
    let end = area.selection_end().ok().flatten().unwrap_or_default();
    JsString::from(area.value()).substring(0, end).into()
}

fn replace(area: &HtmlTextAreaElement, names: &str) -> Option<()> {
    let before = text_before_cursor(area);
    let (head, name) = before.strip_suffix(':')?.rsplit_once(':')?;
    // Not within a word or a URL, nor in what looks like code.
    if head.ends_with(|last: char| last.is_ascii_alphanumeric()) || head.matches('`').count() % 2 == 1 {
        return None;
    }
    let (_, found) = names.split_once(&["\n", name, " "].concat())?;
    let (emoji, _) = found.split_once('\n')?;
    let end = area.selection_end().ok()??;
    // Shortcodes are ASCII, so their length in bytes equals the browser's count of UTF-16 units.
    let start = end.checked_sub(u32::try_from(name.len() + 2).ok()?)?;
    area.set_range_text_with_start_and_end_and_mode(emoji, start, end, "end").ok()
}
