//! Formatting times in the reader's time zone.

use super::zones::Zones;
use protocol::{
    clock::{ClockSettings, TimeFormat},
    time::Time,
};

/// Formats times in the reader's time zone and hour cycle.
#[derive(Clone)]
pub struct TimeFormatter {
    /// How times are shown.
    pub format: TimeFormat,
    zones: Zones,
}

impl TimeFormatter {
    /// A formatter in the browser, or of the page that the server is rendering.
    pub fn new(format: TimeFormat) -> Self {
        Self { format, zones: Zones::new() }
    }

    /// The formatter of the page that the server is rendering.
    #[cfg(feature = "ssr")]
    pub fn of_page() -> Self {
        Self::new(initial_settings().format())
    }

    /// The local time, with which the functions of the format work.
    pub fn local(&self, time: Time) -> Time {
        let offset = self.format.zone.as_ref().map_or(0, |zone| self.zones.utc_offset(zone, time));
        time.plus(offset * 60_000)
    }

    /// Date and time, such as `29 November 2026, 21:03`.
    pub fn short(&self, time: Time) -> String {
        self.format.short(self.local(time))
    }
}

/// What the server renders the times of a page from.
#[cfg(feature = "ssr")]
pub fn initial_settings() -> ClockSettings {
    leptos::prelude::use_context().unwrap_or_default()
}

/// What the server rendered the times of the page from.
#[cfg(not(feature = "ssr"))]
pub fn initial_settings() -> ClockSettings {
    ClockSettings::from_attributes(crate::browser::data_attribute)
}
