//! Time zones, from a copy of the IANA database in the binary.

use protocol::{error::FieldError, limits, time::Time};

/// Regions to list; other names are older spellings or fixed offsets from UTC.
const REGIONS: [&str; 10] = [
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
];

/// Rejects an unknown time zone.
pub fn check(name: &str) -> Result<(), FieldError> {
    jiff::tz::db().get(name).map(drop).map_err(|_| limits::unknown_time_zone())
}

/// Names to choose from, by region and city.
pub fn list() -> Vec<&'static str> {
    static NAMES: std::sync::LazyLock<Vec<String>> = std::sync::LazyLock::new(|| {
        let known = jiff::tz::db().available().map(|name| name.to_string());
        let mut names: Vec<_> = known.filter(|name| REGIONS.iter().any(|region| name.starts_with(region))).collect();
        names.push("UTC".into());
        names.sort_unstable();
        names
    });
    NAMES.iter().map(String::as_str).collect()
}

/// Local time in a time zone, as `14:30`.
pub fn time_in(zone: &str, now: Time) -> Option<String> {
    let timestamp = jiff::Timestamp::from_millisecond(now.0).ok()?;
    let local = timestamp.in_tz(zone).ok()?;
    Some(format!("{:02}:{:02}", local.hour(), local.minute()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_converted_to_the_time_zone() {
        let noon: Time = "2026-07-01T12:00:00.000Z".parse().unwrap();
        for (zone, time) in [("Europe/Berlin", "14:00"), ("Asia/Kathmandu", "17:45"), ("UTC", "12:00")] {
            assert_eq!(time_in(zone, noon).as_deref(), Some(time));
        }
        assert_eq!(time_in("Nowhere", noon), None);
    }

    #[test]
    fn every_listed_name_is_a_valid_time_zone() {
        assert!(list().len() > 300 && list().contains(&"America/Argentina/Buenos_Aires"));
        assert!(list().into_iter().all(|name| check(name).is_ok() && name.len() <= limits::TIME_ZONE_CHARS));
        for wrong in ["Europe", "europe", "Europe/Atlantis", ""] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }
}
