//! Times: rendered in UTC, shown in the reader's own time once the page lives.

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use leptos::prelude::*;
use protocol::time::Time;
use wasm_bindgen::{JsCast, JsValue};

const DAY: i64 = 86_400_000;

/// Whose time is shown: UTC as the server rendered it, then the reader's.
#[derive(Clone, Copy)]
pub struct Clock {
    local: RwSignal<bool>,
}

/// Provides the clock, and sets it to the reader's time once the page lives.
pub fn provide_clock() {
    let local = RwSignal::new(false);
    provide_context(Clock { local });
    Effect::new(move || local.set(true));
}

/// The clock of this page.
pub fn use_clock() -> Clock {
    expect_context()
}

impl Clock {
    /// The day of a moment, counted from the epoch.
    pub fn day(self, time: Time) -> i64 {
        if self.local.get() { local_day(time) } else { time.day() }
    }

    /// The time of day.
    pub fn time(self, time: Time) -> String {
        if self.local.get() { format(&TIME, time) } else { time.clock() }
    }

    /// The date, as it heads a day.
    pub fn date(self, time: Time) -> String {
        if !self.local.get() {
            return time.date();
        }
        match local_day(crate::browser::now()) - local_day(time) {
            0 => "Today".into(),
            1 => "Yesterday".into(),
            _ => format(&DATE, time),
        }
    }

    /// The date and the time of day.
    pub fn full(self, time: Time) -> String {
        if self.local.get() { format(&FULL, time) } else { format!("{}, {} UTC", time.date(), time.clock()) }
    }
}

// Making a formatter is slow, using it is not.
thread_local! {
    static TIME: Function = formatter(&[("hour", "numeric"), ("minute", "2-digit")]);
    static DATE: Function =
        formatter(&[("weekday", "long"), ("day", "numeric"), ("month", "long"), ("year", "numeric")]);
    static FULL: Function = formatter(&[("dateStyle", "full"), ("timeStyle", "short")]);
}

fn formatter(options: &[(&str, &str)]) -> Function {
    let object = Object::new();
    for (name, value) in options {
        // Setting a property of a plain object does not fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    Intl::DateTimeFormat::new(&Array::new(), &object).format().unchecked_into()
}

fn format(formatter: &'static std::thread::LocalKey<Function>, time: Time) -> String {
    let text = formatter.with(|format| format.call1(&JsValue::UNDEFINED, &date(time)));
    text.ok().and_then(|text| text.as_string()).unwrap_or_else(|| time.clock())
}

#[allow(clippy::cast_precision_loss, reason = "milliseconds are exact until the year 287396")]
fn date(time: Time) -> Date {
    Date::new(&JsValue::from_f64(time.0 as f64))
}

#[allow(clippy::cast_possible_truncation, reason = "an offset is less than a day of minutes")]
fn local_day(time: Time) -> i64 {
    (time.0 - date(time).get_timezone_offset() as i64 * 60_000).div_euclid(DAY)
}

/// A moment, as a time of day; the whole date on hover.
#[component]
pub fn Moment(
    /// When.
    at: Time,
) -> impl IntoView {
    let clock = use_clock();
    view! {
        <time datetime=at.to_string() title=move || clock.full(at)>
            {move || clock.time(at)}
        </time>
    }
}
