//! Times: rendered in UTC, shown in the reader's time zone once the page is hydrated.

use js_sys::{Array, Date, Function, Intl, Object, Reflect};
use leptos::prelude::*;
use protocol::time::Time;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};

const DAY: i64 = 86_400_000;

/// The time zone in use: UTC as the server rendered it, then the reader's.
#[derive(Clone, Copy)]
pub struct Clock {
    local: RwSignal<bool>,
    /// The current day in the reader's time zone, once it is known.
    today: RwSignal<i64>,
    /// Index of the reader's hour cycle among the formatters, as the page's data attribute has it.
    hour_cycle: RwSignal<usize>,
}

/// Provides the clock, and switches it to the reader's time zone after hydration.
pub fn provide_clock() {
    let clock = Clock { local: RwSignal::new(false), today: RwSignal::new(0), hour_cycle: RwSignal::new(hour_cycle()) };
    provide_context(clock);
    Effect::new(move || {
        clock.follow_days();
        clock.local.set(true);
        // Timers stand still while a computer sleeps.
        window_event_listener_untyped("focus", move |_| clock.update_today());
        window_event_listener_untyped("visibilitychange", move |_| clock.update_today());
    });
}

/// Index of the reader's hour cycle among the formatters.
#[cfg(feature = "ssr")]
fn hour_cycle() -> usize {
    use_context::<protocol::settings::Settings>().map_or(0, |settings| cycle(settings.hour_cycle.as_str()))
}

/// Index of the reader's hour cycle among the formatters.
#[cfg(not(feature = "ssr"))]
fn hour_cycle() -> usize {
    crate::browser::data_attribute("hour-cycle").map_or(0, |value| cycle(&value))
}

fn cycle(value: &str) -> usize {
    match value {
        TWELVE => 1,
        "24" => 2,
        _ => 0,
    }
}

const TWELVE: &str = "12";

/// The clock of this page.
pub fn use_clock() -> Clock {
    expect_context()
}

impl Clock {
    /// The day of a time, counted from the epoch.
    pub fn day(self, time: Time) -> i64 {
        if self.local.get() { local_day(time) } else { time.day() }
    }

    /// The time of day.
    pub fn time(self, time: Time) -> String {
        match self.hour_cycle.get() {
            cycle if self.local.get() => format(&TIME, cycle, time),
            1 => time.format_12h(),
            _ => time.format_24h(),
        }
    }

    fn update_today(self) {
        let today = local_day(crate::browser::now());
        if self.today.get_untracked() != today {
            self.today.set(today);
        }
    }

    /// Updates the current day now and at each midnight.
    fn follow_days(self) {
        self.update_today();
        // If the clocks change that night, the timer is an hour early or late; the next one is right again.
        let rest = DAY - local_millis(crate::browser::now()).rem_euclid(DAY);
        let wait = Duration::from_millis(u64::try_from(rest).unwrap_or_default()) + Duration::from_secs(1);
        set_timeout(move || self.follow_days(), wait);
    }

    /// Reads the hour cycle of the page again.
    pub fn refresh(self) {
        self.hour_cycle.set(hour_cycle());
    }

    /// The date, as the heading of a day.
    pub fn date(self, time: Time) -> String {
        if !self.local.get() {
            return time.date();
        }
        match self.today.get() - local_day(time) {
            0 => "Today".into(),
            1 => "Yesterday".into(),
            _ => format(&DATE, 0, time),
        }
    }

    /// The date and the time of day.
    pub fn full(self, time: Time) -> String {
        if self.local.get() {
            format(&FULL, self.hour_cycle.get(), time)
        } else {
            format!("{}, {} UTC", time.date(), time.format_24h())
        }
    }
}

// Creating a formatter is slow, using it is not.
thread_local! {
    static TIME: [Function; 3] = CYCLES.map(|cycle| formatter(&[("hour", "numeric"), ("minute", "2-digit"), cycle]));
    static DATE: [Function; 1] =
        [formatter(&[("weekday", "long"), ("day", "numeric"), ("month", "long"), ("year", "numeric")])];
    static SHORT: [Function; 3] =
        CYCLES.map(|cycle| formatter(&[("dateStyle", "medium"), ("timeStyle", "short"), cycle]));
    static FULL: [Function; 3] = CYCLES.map(|cycle| formatter(&[("dateStyle", "full"), ("timeStyle", "short"), cycle]));
}

/// The locale's default, 12 hours, 24 hours. The browser ignores unknown options.
const CYCLES: [(&str, &str); 3] = [("", ""), ("hourCycle", "h12"), ("hourCycle", "h23")];

fn formatter(options: &[(&str, &str)]) -> Function {
    let object = Object::new();
    for (name, value) in options {
        // Setting a property of a plain object does not fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    Intl::DateTimeFormat::new(&Array::new(), &object).format().unchecked_into()
}

fn format<const N: usize>(
    formatters: &'static std::thread::LocalKey<[Function; N]>,
    cycle: usize,
    time: Time,
) -> String {
    let text = formatters.with(|formatters| formatters[cycle].call1(&JsValue::UNDEFINED, &date(time)));
    text.ok().and_then(|text| text.as_string()).unwrap_or_else(|| time.format_24h())
}

#[allow(clippy::cast_precision_loss, reason = "milliseconds are exact until the year 287396")]
fn date(time: Time) -> Date {
    Date::new(&JsValue::from_f64(time.0 as f64))
}

#[allow(clippy::cast_possible_truncation, reason = "an offset is less than a day of minutes")]
fn local_millis(time: Time) -> i64 {
    time.0 - date(time).get_timezone_offset() as i64 * 60_000
}

fn local_day(time: Time) -> i64 {
    local_millis(time).div_euclid(DAY)
}

/// A time of day in no particular time zone, such as `15:04`, in the reader's hour cycle.
fn time_of_day(value: &str) -> Option<String> {
    let (hour, minute) = value.split_once(':')?;
    let date = Date::new_with_year_month_day_hr_min(2000, 0, 1, hour.parse().ok()?, minute.parse().ok()?);
    TIME.with(|formatters| formatters[hour_cycle()].call1(&JsValue::UNDEFINED, &date)).ok()?.as_string()
}

/// Converts the times of a server-rendered page to the reader's time zone; the tooltip keeps the original text. Of a
/// relative time the tooltip is converted.
pub fn localize_times() {
    const RELATIVE: &str = "data-relative";
    let next = || document().query_selector("time:not([title]), time[data-relative]").ok().flatten();
    while let Some(element) = next() {
        let value = element.get_attribute("datetime").unwrap_or_default();
        let time = value.parse().ok().map(|time| format(&SHORT, hour_cycle(), time));
        let local = time.or_else(|| time_of_day(&value));
        let is_relative = element.has_attribute(RELATIVE);
        // Setting and removing an attribute fails only for an invalid name.
        let _ = element.remove_attribute(RELATIVE);
        let text = element.text_content().unwrap_or_default();
        if is_relative {
            let _ = local.map(|local| element.set_attribute("title", &local));
        } else {
            let _ = element.set_attribute("title", &text);
            element.set_text_content(Some(&local.unwrap_or(text)));
        }
    }
}

/// A time of day, with the full date as tooltip.
#[component]
pub fn Timestamp(
    /// The time to show.
    at: Time,
) -> impl IntoView {
    let clock = use_clock();
    view! {
        <time datetime=at.to_string() title=move || clock.full(at)>
            {move || clock.time(at)}
        </time>
    }
}
