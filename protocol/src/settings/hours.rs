//! Quiet hours.

use super::setting::{Report, Setting, SettingError};
use serde::{Serialize, Serializer};
use serde_json::Value;

/// A time of day, in minutes after midnight; in JSON as `22:30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
pub struct TimeOfDay(pub u16);

/// The period of a day without notifications; it may span midnight. Its ends must differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// The first quiet minute, such as `22:00`.
    pub from: TimeOfDay,
    /// The first minute after the period.
    pub to: TimeOfDay,
}

impl QuietHours {
    /// Whether a time of day is in the period.
    pub const fn contains(self, time: TimeOfDay) -> bool {
        let (from, to, time) = (self.from.0, self.to.0, time.0);
        if from < to { from <= time && time < to } else { from <= time || time < to }
    }
}

impl TimeOfDay {
    fn parse(value: Option<&Value>) -> Option<Self> {
        let (hour, minute) = value?.as_str()?.split_once(':')?;
        let part = |digits: &str, end: u16| {
            let number: Option<u16> = digits.parse().ok().filter(|number| *number < end);
            number.filter(|_| digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit()))
        };
        Some(Self(part(hour, 24)? * 60 + part(minute, 60)?))
    }
}

impl std::fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Setting for Option<QuietHours> {
    fn fill(&mut self, value: Value, path: &str, report: Report<'_>) {
        let Value::Object(given) = &value else {
            if value.is_null() {
                return *self = None;
            }
            return report(path, SettingError::WrongType("null or an object with from and to"));
        };
        if given.keys().any(|name| name != "from" && name != "to") {
            return report(path, SettingError::InvalidValue("Quiet hours can only have from and to."));
        }
        match (TimeOfDay::parse(given.get("from")), TimeOfDay::parse(given.get("to"))) {
            (Some(from), Some(to)) if from != to => *self = Some(QuietHours { from, to }),
            (Some(_), Some(_)) => {
                report(path, SettingError::InvalidValue("Quiet hours can't start and end at the same time."));
            }
            _ => report(path, SettingError::InvalidValue("Enter a start and an end, such as 22:00 and 07:00.")),
        }
    }
}
