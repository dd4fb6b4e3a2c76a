//! How times are shown to a reader: the time zone, the hour cycle and the texts. The server and the browser share this
//! code, so that no time changes when a page is hydrated.

use crate::{limits::TIME_ZONE_CHARS, settings::HourCycle, time::Time};

/// The name of the cookie that tells the server a [`BrowserClock`]. Without TLS the name has no prefix `__Host-`.
pub const CLOCK_COOKIE: &str = "__Host-lair_clock";

/// The time zone and the hour cycle of a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrowserClock {
    /// The time zone, as an IANA name.
    pub zone: String,
    /// Whether times of day have twelve hours, with AM and PM.
    pub twelve_hours: bool,
}

impl BrowserClock {
    /// Parses a text such as `Europe/Berlin~24`. Whether the time zone exists is not checked.
    pub fn parse(text: &str) -> Option<Self> {
        let (zone, hours) = text.split_once('~')?;
        let twelve_hours = match hours {
            "12" => true,
            "24" => false,
            _ => return None,
        };
        (!zone.is_empty() && zone.len() <= TIME_ZONE_CHARS).then(|| Self { zone: zone.to_owned(), twelve_hours })
    }
}

impl std::fmt::Display for BrowserClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.zone)?;
        f.write_str(if self.twelve_hours { "~12" } else { "~24" })
    }
}

/// What decides how the times of a page are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClockSettings {
    /// The time zone of the reader's profile.
    pub time_zone: Option<String>,
    /// The hour cycle in the reader's settings.
    pub hour_cycle: HourCycle,
    /// What the reader's browser told.
    pub browser: Option<BrowserClock>,
    /// The current day in the reader's time zone, counted from the epoch.
    pub today: i64,
}

impl ClockSettings {
    /// The `data-<name>` attributes of a page from which [`Self::from_attributes`] reads these settings again. The hour
    /// cycle is among those of the user's settings.
    pub fn data_attributes(&self) -> [(&'static str, Option<String>); 3] {
        [
            ("time-zone", self.time_zone.clone()),
            ("browser-clock", self.browser.as_ref().map(ToString::to_string)),
            ("today", Some(self.today.to_string())),
        ]
    }

    /// Reads the settings from the `data-<name>` attributes of a page.
    pub fn from_attributes(attribute: impl Fn(&'static str) -> Option<String>) -> Self {
        let hour_cycle = match attribute("hour-cycle").as_deref() {
            Some("12") => HourCycle::Twelve,
            Some("24") => HourCycle::TwentyFour,
            _ => HourCycle::Auto,
        };
        Self {
            time_zone: attribute("time-zone"),
            hour_cycle,
            browser: attribute("browser-clock").and_then(|text| BrowserClock::parse(&text)),
            today: attribute("today").and_then(|day| day.parse().ok()).unwrap_or_default(),
        }
    }

    /// How times are shown: as the user set it, or else as is usual in the browser.
    pub fn format(&self) -> TimeFormat {
        let browser = self.browser.as_ref();
        TimeFormat {
            zone: self.time_zone.clone().or_else(|| Some(browser?.zone.clone())),
            twelve_hours: match self.hour_cycle {
                HourCycle::Auto => browser.is_some_and(|browser| browser.twelve_hours),
                HourCycle::Twelve => true,
                HourCycle::TwentyFour => false,
            },
        }
    }
}

/// How times are shown. The times that its functions take are local: the offset of the time zone is added already. Where
/// the time zone is not known, they are in UTC and labelled so.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TimeFormat {
    /// The time zone; `None` if it is not known.
    pub zone: Option<String>,
    /// Whether times of day have twelve hours.
    pub twelve_hours: bool,
}

impl TimeFormat {
    /// The time of day, such as `21:03`, without a label.
    pub fn time_of_day(&self, local: Time) -> String {
        if self.twelve_hours { local.format_12h() } else { local.format_24h() }
    }

    /// The time of day, such as `21:03`.
    pub fn time(&self, local: Time) -> String {
        let utc = if self.zone.is_none() { " UTC" } else { "" };
        self.time_of_day(local) + utc
    }

    /// The day, such as `Today` or `Sunday, 29 November 2026`, as the heading of what happened on it.
    pub fn date(&self, local: Time, today: i64) -> String {
        let date = match today - local.day() {
            0 => "Today".to_owned(),
            1 => "Yesterday".to_owned(),
            _ => local.date(),
        };
        let utc = if self.zone.is_none() { " (UTC)" } else { "" };
        date + utc
    }

    /// Date and time, such as `Sunday, 29 November 2026, 21:03`.
    pub fn full(&self, local: Time) -> String {
        [local.date(), self.time(local)].join(", ")
    }

    /// Date and time without the day of the week, such as `29 November 2026, 21:03`.
    pub fn short(&self, local: Time) -> String {
        [local.short_date(), self.time(local)].join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(zone: Option<&str>, hour_cycle: HourCycle, browser: Option<&str>) -> ClockSettings {
        let browser = browser.map(|text| BrowserClock::parse(text).expect("a valid text"));
        ClockSettings { time_zone: zone.map(str::to_owned), hour_cycle, browser, today: 20_786 }
    }

    #[test]
    fn a_browser_tells_its_time_zone_and_hour_cycle() {
        for text in ["Europe/Berlin~24", "America/Argentina/Buenos_Aires~12", "Etc/GMT+5~24"] {
            assert_eq!(BrowserClock::parse(text).expect("a valid text").to_string(), text);
        }
        let long = "x".repeat(TIME_ZONE_CHARS + 1) + "~24";
        for wrong in ["", "~", "~24", "Europe/Berlin", "Europe/Berlin~", "Europe/Berlin~13", "UTC~24~24", &long] {
            assert_eq!(BrowserClock::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_users_choice_precedes_what_is_usual_in_the_browser() {
        use HourCycle::{Auto, Twelve, TwentyFour};
        let shown = |zone, cycle, browser| {
            let format = settings(zone, cycle, browser).format();
            (format.zone.unwrap_or_default(), format.twelve_hours)
        };
        let (profile, browser) = (Some("Asia/Kolkata"), Some("Europe/Berlin~12"));
        assert_eq!(shown(profile, Auto, browser), ("Asia/Kolkata".into(), true));
        assert_eq!(shown(profile, TwentyFour, browser), ("Asia/Kolkata".into(), false));
        assert_eq!(shown(None, Auto, browser), ("Europe/Berlin".into(), true));
        assert_eq!(shown(None, Auto, Some("Europe/Berlin~24")), ("Europe/Berlin".into(), false));
        assert_eq!(shown(None, Twelve, Some("Europe/Berlin~24")), ("Europe/Berlin".into(), true));
        assert_eq!(shown(None, Auto, None), (String::new(), false));
        assert_eq!(shown(None, Twelve, None), (String::new(), true));
    }

    #[test]
    fn a_page_carries_the_settings_in_its_attributes() {
        for settings in [
            settings(Some("Asia/Kolkata"), HourCycle::Twelve, Some("Europe/Berlin~12")),
            settings(None, HourCycle::TwentyFour, Some("UTC~24")),
            settings(None, HourCycle::Auto, None),
        ] {
            let cycle = ("hour-cycle", Some(settings.hour_cycle.as_str().to_owned()));
            let attributes: Vec<_> = settings.data_attributes().into_iter().chain([cycle]).collect();
            let find = |name| attributes.iter().find(|(known, _)| *known == name)?.1.clone();
            assert_eq!(ClockSettings::from_attributes(find), settings);
        }
    }

    #[test]
    fn times_are_shown_in_the_hour_cycle_and_with_utc_where_the_zone_is_unknown() {
        let local: Time = "2026-11-29T21:03:59.000Z".parse().unwrap();
        let known = settings(Some("Asia/Kolkata"), HourCycle::Twelve, None).format();
        let unknown = TimeFormat::default();
        assert_eq!([known.time(local), unknown.time(local)], ["9:03 PM", "21:03 UTC"]);
        assert_eq!([known.time_of_day(local), unknown.time_of_day(local)], ["9:03 PM", "21:03"]);
        assert_eq!(known.full(local), "Sunday, 29 November 2026, 9:03 PM");
        assert_eq!(unknown.full(local), "Sunday, 29 November 2026, 21:03 UTC");
        assert_eq!(known.short(local), "29 November 2026, 9:03 PM");
        assert_eq!(unknown.short(local), "29 November 2026, 21:03 UTC");
        let day = local.day();
        let dates = [day - 1, day, day + 1, day + 2].map(|today| known.date(local, today));
        assert_eq!(dates, ["Sunday, 29 November 2026", "Today", "Yesterday", "Sunday, 29 November 2026"]);
        assert_eq!(unknown.date(local, day), "Today (UTC)");
        assert_eq!(unknown.date(local, day + 9), "Sunday, 29 November 2026 (UTC)");
    }
}
