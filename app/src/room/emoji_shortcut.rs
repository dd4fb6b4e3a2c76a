//! Emoji by name: `:fire:` becomes 🔥 as it is typed.

use crate::browser;
use js_sys::JsString;
use leptos::task::spawn_local;
use std::cell::OnceCell;
use web_sys::HtmlTextAreaElement;

thread_local! {
    /// Every name, on a line with its emoji; fetched when the first colon is typed.
    static NAMES: OnceCell<String> = const { OnceCell::new() };
}

/// Puts an emoji in the place of its name once the second colon is typed, unless the page is marked otherwise.
pub fn complete(area: HtmlTextAreaElement, done: impl Fn(&str) + 'static) {
    if !text_before_cursor(&area).ends_with(':') || browser::data_attribute("emoji").as_deref() == Some("off") {
        return;
    }
    spawn_local(async move {
        if NAMES.with(|names| names.get().is_none())
            && let Some(names) = browser::fetch_text("/emoji.txt").await
        {
            // Whoever was first brought the same.
            let _ = NAMES.with(|known| known.set(names));
        }
        if NAMES.with(|names| replace(&area, names.get()?)).is_some() {
            done(&area.value());
        }
    });
}

/// What stands before the place where one types.
fn text_before_cursor(area: &HtmlTextAreaElement) -> String {
    let end = area.selection_end().ok().flatten().unwrap_or_default();
    JsString::from(area.value()).substring(0, end).into()
}

fn replace(area: &HtmlTextAreaElement, names: &str) -> Option<()> {
    let before = text_before_cursor(area);
    let (head, name) = before.strip_suffix(':')?.rsplit_once(':')?;
    // Not within a word or an address, nor in what looks like code.
    if head.ends_with(|last: char| last.is_ascii_alphanumeric()) || head.matches('`').count() % 2 == 1 {
        return None;
    }
    let (_, found) = names.split_once(&["\n", name, " "].concat())?;
    let (emoji, _) = found.split_once('\n')?;
    let end = area.selection_end().ok()??;
    // A name that is found is plain ASCII: as long in bytes as the browser counts it.
    let start = end.checked_sub(u32::try_from(name.len() + 2).ok()?)?;
    area.set_range_text_with_start_and_end_and_mode(emoji, start, end, "end").ok()
}
