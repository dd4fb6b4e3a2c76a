//! Times of server-rendered pages, where the server did not know how the browser shows them.

use super::{browser_clock::current_settings, formatter::TimeFormatter};
use crate::browser;
use leptos::prelude::document;
use protocol::{clock::ClockSettings, time::Time};
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Converts the times of a server-rendered page, unless the server has shown them right.
pub fn localize_times() {
    let shown = ClockSettings::from_attributes(browser::data_attribute).format();
    let formatter = TimeFormatter::new(current_settings().format());
    if formatter.format == shown {
        return;
    }
    let times = document().query_selector_all("time[data-localize]").ok();
    let times = times.iter().flat_map(|times| (0..times.length()).filter_map(|index| times.get(index)));
    for element in times.filter_map(|time| time.dyn_into::<Element>().ok()) {
        localize(&element, &formatter);
    }
}

fn localize(element: &Element, formatter: &TimeFormatter) {
    let value = element.get_attribute("datetime").unwrap_or_default();
    let text = value.parse().map(|time| formatter.short(time));
    let Some(text) = text.ok().or_else(|| Some(formatter.format.time_of_day(parse_time_of_day(&value)?))) else {
        return;
    };
    // The text of a relative time remains.
    if element.has_attribute("title") {
        // Fails only for an invalid attribute name.
        let _ = element.set_attribute("title", &text);
    } else {
        element.set_text_content(Some(&text));
    }
}

/// A time of day in no particular time zone, such as `15:04`.
fn parse_time_of_day(value: &str) -> Option<Time> {
    let (hour, minute) = value.split_once(':')?;
    Some(Time((hour.parse::<i64>().ok()? * 60 + minute.parse::<i64>().ok()?) * 60_000))
}
