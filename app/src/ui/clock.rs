//! Times: rendered by the server in the reader's time zone, if it knows it, and kept up to date by the browser.

mod browser_clock;
mod formatter;
mod localize;
mod zones;

#[cfg(feature = "ssr")]
pub use formatter::TimeFormatter;
pub use localize::localize_times;

use crate::browser;
#[cfg(not(feature = "ssr"))]
use formatter::TimeFormatter;
use formatter::initial_settings;
use leptos::prelude::*;
use protocol::time::Time;
use std::time::Duration;

const DAY: i64 = 86_400_000;

/// How the page shows times. Copies share the same state; everything that depends on it is rendered again when it
/// changes.
#[derive(Clone, Copy)]
pub struct Clock(RwSignal<ClockState>);

struct ClockState {
    formatter: TimeFormatter,
    /// The current day in the reader's time zone.
    today: i64,
    version: u32,
}

/// Provides the clock: as the server rendered the page, and after hydration as the browser is set.
pub fn provide_clock() {
    let settings = initial_settings();
    let state = ClockState { formatter: TimeFormatter::new(settings.format()), today: settings.today, version: 0 };
    let clock = Clock(RwSignal::new(state));
    provide_context(clock);
    Effect::new(move || {
        clock.follow_days();
        // Timers stand still while a computer sleeps, and its user may travel.
        for event in ["focus", "visibilitychange"] {
            let _ = window_event_listener_untyped(event, move |_| clock.refresh());
        }
    });
}

/// The clock of this page.
pub fn use_clock() -> Clock {
    expect_context()
}

impl Clock {
    /// The day of a time, counted from the epoch.
    pub fn day(self, time: Time) -> i64 {
        self.0.with(|state| state.formatter.local(time).day())
    }

    /// The time of day.
    pub fn time(self, time: Time) -> String {
        self.0.with(|state| state.formatter.format.time(state.formatter.local(time)))
    }

    /// The date, as the heading of a day.
    pub fn date(self, time: Time) -> String {
        self.0.with(|state| state.formatter.format.date(state.formatter.local(time), state.today))
    }

    /// The date and the time of day.
    pub fn full(self, time: Time) -> String {
        self.0.with(|state| state.formatter.format.full(state.formatter.local(time)))
    }

    /// Changes whenever any text of this clock may have changed.
    pub fn version(self) -> u32 {
        self.0.with(|state| state.version)
    }

    /// Follows the settings of the page and of the browser, and the current day.
    pub fn refresh(self) {
        let formatter = TimeFormatter::new(browser_clock::current_settings().format());
        let today = formatter.local(browser::now()).day();
        if self.0.with_untracked(|state| state.today != today || state.formatter.format != formatter.format) {
            self.0.update(|state| *state = ClockState { formatter, today, version: state.version + 1 });
        }
    }

    /// Refreshes now and at each midnight.
    fn follow_days(self) {
        self.refresh();
        let local = self.0.with_untracked(|state| state.formatter.local(browser::now()));
        // If the clocks change that night, the timer is an hour early or late; the next one is right again.
        let rest = DAY - local.0.rem_euclid(DAY);
        let wait = Duration::from_millis(u64::try_from(rest).unwrap_or_default()) + Duration::from_secs(1);
        set_timeout(move || self.follow_days(), wait);
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
