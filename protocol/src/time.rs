//! Points in time: Unix milliseconds in memory, RFC 3339 in UTC with milliseconds in JSON.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A point in time: Unix milliseconds in memory, RFC 3339 in UTC with milliseconds in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "storage", derive(sqlx::Type), sqlx(transparent))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = DateTime,
    pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z$"))]
pub struct Time(pub i64);

impl Time {
    /// This time plus `milliseconds`.
    #[must_use]
    pub const fn plus(self, milliseconds: i64) -> Self {
        Self(self.0 + milliseconds)
    }

    /// The day in UTC, counted from the epoch.
    pub const fn day(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    /// The time of day in UTC, such as `09:02`.
    pub fn format_24h(self) -> String {
        let minutes = self.0.rem_euclid(DAY) / 60_000;
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// The time of day in UTC, such as `9:02 AM`.
    pub fn format_12h(self) -> String {
        let minutes = self.0.rem_euclid(DAY) / 60_000;
        let (hour, half) = (minutes / 60, if minutes < 720 { "AM" } else { "PM" });
        format!("{}:{:02} {half}", (hour + 11) % 12 + 1, minutes % 60)
    }

    /// The date in UTC, such as `Thursday, 19 November 2026`.
    pub fn date(self) -> String {
        const WEEKDAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
        // The epoch was a Thursday.
        let weekday = usize::try_from(self.day().rem_euclid(7)).unwrap_or_default();
        format!("{}, {}", WEEKDAYS[weekday], self.short_date())
    }

    /// The date in UTC, such as `19 November 2026`.
    pub fn short_date(self) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let (year, month, day) = civil_from_days(self.day());
        let month = usize::try_from(month - 1).unwrap_or_default();
        format!("{day} {} {year}", MONTHS[month])
    }
}

/// Milliseconds in a day.
const DAY: i64 = 86_400_000;

/// Year, month and day of a day counted from the epoch: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms",
/// `civil_from_days`. A calendar crate would cost the browser more bytes than the rest of this module.
const fn civil_from_days(day: i64) -> (i64, i64, i64) {
    let from_march = day + 719_468;
    let (era, in_era) = (from_march.div_euclid(146_097), from_march.rem_euclid(146_097));
    let year = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year + year / 4 - year / 100);
    let month = (5 * in_year + 2) / 153;
    let day = in_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (year + era * 400 + (month <= 2) as i64, month, day)
}

/// The day, counted from the epoch, of a year, month and day: the inverse, `days_from_civil`.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, in_era) = (year.div_euclid(400), year.rem_euclid(400));
    let in_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719_468
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = civil_from_days(self.day());
        let rest = self.0.rem_euclid(DAY);
        let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
        let (second, milli) = (rest / 1000 % 60, rest % 1000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
    }
}

/// The text is not a time in the format of [`Time`].
#[derive(Debug, PartialEq, Eq)]
pub struct InvalidTime;

impl std::fmt::Display for InvalidTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("expected a moment such as 2026-11-19T09:02:03.004Z")
    }
}

impl std::str::FromStr for Time {
    type Err = InvalidTime;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let part = |range| text.get(range).and_then(|digits: &str| digits.parse::<i64>().ok()).ok_or(InvalidTime);
        let day = days_from_civil(part(0..4)?, part(5..7)?, part(8..10)?);
        let minutes = (day * 24 + part(11..13)?) * 60 + part(14..16)?;
        let time = Self((minutes * 60 + part(17..19)?) * 1000 + part(20..23)?);
        // A part that is out of range, or not in its position, is formatted differently.
        if time.to_string() == text { Ok(time) } else { Err(InvalidTime) }
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Frames are buffered until their type is known, so the text may be owned.
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Time;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_time_round_trips(milliseconds in 0i64..253_402_300_799_999) {
            let json = serde_json::to_string(&Time(milliseconds)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Time>(&json).unwrap(), Time(milliseconds));
        }
    }

    #[test]
    fn invalid_times_are_rejected() {
        for text in [
            "",
            "2026-11-19",
            "2026-02-30T00:00:00.000Z",
            "2026-11-19T24:00:00.000Z",
            "2026-11-19T09:02:03.004+01",
            "2026-11-19 09:02:03.004Z",
            "+026-11-19T09:02:03.004Z",
            "2026-11-19T09:02:03.0é",
        ] {
            assert!(text.parse::<Time>().is_err(), "{text}");
        }
        assert_eq!(Time(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }

    #[test]
    fn times_are_formatted_for_display() {
        let time: Time = "2026-11-19T09:02:03.004Z".parse().unwrap();
        assert_eq!(time.to_string(), "2026-11-19T09:02:03.004Z");
        assert_eq!(time.format_24h(), "09:02");
        assert_eq!(time.format_12h(), "9:02 AM");
        assert_eq!(
            [0, 719, 720, 1439].map(|m| Time(m * 60_000).format_12h()),
            ["12:00 AM", "11:59 AM", "12:00 PM", "11:59 PM"]
        );
        assert_eq!(time.date(), "Thursday, 19 November 2026");
        assert_eq!(time.short_date(), "19 November 2026");
    }
}
