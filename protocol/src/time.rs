//! Moments, in Unix milliseconds; on the wire RFC 3339 in UTC with milliseconds.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// A moment: Unix milliseconds in memory, RFC 3339 in UTC with milliseconds on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "storage", derive(sqlx::Type), sqlx(transparent))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, format = DateTime))]
pub struct Time(pub i64);

impl Time {
    /// This moment and `milliseconds` more.
    #[must_use]
    pub const fn plus(self, milliseconds: i64) -> Self {
        Self(self.0 + milliseconds)
    }

    /// The calendar's view of this moment in UTC; the epoch for a moment outside the calendar.
    fn utc(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The day, counted from the epoch, in UTC.
    pub const fn day(self) -> i64 {
        self.0.div_euclid(86_400_000)
    }

    /// The time of day in UTC, as `09:02`.
    pub fn clock(self) -> String {
        let utc = self.utc();
        format!("{:02}:{:02}", utc.hour(), utc.minute())
    }

    /// The date in UTC, as `Thursday, 19 November 2026`.
    pub fn date(self) -> String {
        let utc = self.utc();
        format!("{}, {} {} {}", utc.weekday(), utc.day(), utc.month(), utc.year())
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let utc = self.utc();
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            utc.year(),
            u8::from(utc.month()),
            utc.day(),
            utc.hour(),
            utc.minute(),
            utc.second(),
            utc.millisecond()
        )
    }
}

impl std::str::FromStr for Time {
    type Err = time::error::Parse;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339)?;
        Ok(Self(parsed.unix_timestamp() * 1000 + i64::from(parsed.millisecond())))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Frames are buffered while their type is found, so the text may arrive owned.
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
        fn a_moment_survives_the_wire(milliseconds in 0i64..253_402_300_799_999) {
            let json = serde_json::to_string(&Time(milliseconds)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Time>(&json).unwrap(), Time(milliseconds));
        }
    }

    #[test]
    fn a_moment_reads_as_people_write_it() {
        let time: Time = "2026-11-19T09:02:03.004Z".parse().unwrap();
        assert_eq!(time.to_string(), "2026-11-19T09:02:03.004Z");
        assert_eq!(time.clock(), "09:02");
        assert_eq!(time.date(), "Thursday, 19 November 2026");
    }
}
