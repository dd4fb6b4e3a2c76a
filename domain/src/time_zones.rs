//! Time zones, from a copy of the IANA database in the binary.

use protocol::{error::FieldError, limits, profile::TimeZone, time::Time};
use std::sync::LazyLock;

/// Regions to list; other names are of countries or fixed offsets from UTC.
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

/// Former names of time zones, which remain valid, and names of parts of countries that are not in the list of the IANA
/// (`zone.tab`): each of them is listed under another name.
const FORMER: [&str; 71] = [
    "Africa/Asmera",
    "Africa/Timbuktu",
    "America/Argentina/ComodRivadavia",
    "America/Atka",
    "America/Buenos_Aires",
    "America/Catamarca",
    "America/Coral_Harbour",
    "America/Cordoba",
    "America/Ensenada",
    "America/Fort_Wayne",
    "America/Godthab",
    "America/Indianapolis",
    "America/Jujuy",
    "America/Knox_IN",
    "America/Louisville",
    "America/Mendoza",
    "America/Montreal",
    "America/Nipigon",
    "America/Pangnirtung",
    "America/Porto_Acre",
    "America/Rainy_River",
    "America/Rosario",
    "America/Santa_Isabel",
    "America/Shiprock",
    "America/Thunder_Bay",
    "America/Virgin",
    "America/Yellowknife",
    "Antarctica/South_Pole",
    "Asia/Ashkhabad",
    "Asia/Calcutta",
    "Asia/Choibalsan",
    "Asia/Chongqing",
    "Asia/Chungking",
    "Asia/Dacca",
    "Asia/Harbin",
    "Asia/Istanbul",
    "Asia/Kashgar",
    "Asia/Katmandu",
    "Asia/Macao",
    "Asia/Rangoon",
    "Asia/Saigon",
    "Asia/Tel_Aviv",
    "Asia/Thimbu",
    "Asia/Ujung_Pandang",
    "Asia/Ulan_Bator",
    "Atlantic/Faeroe",
    "Atlantic/Jan_Mayen",
    "Australia/ACT",
    "Australia/Canberra",
    "Australia/Currie",
    "Australia/LHI",
    "Australia/NSW",
    "Australia/North",
    "Australia/Queensland",
    "Australia/South",
    "Australia/Tasmania",
    "Australia/Victoria",
    "Australia/West",
    "Australia/Yancowinna",
    "Europe/Belfast",
    "Europe/Kiev",
    "Europe/Nicosia",
    "Europe/Tiraspol",
    "Europe/Uzhgorod",
    "Europe/Zaporozhye",
    "Pacific/Enderbury",
    "Pacific/Johnston",
    "Pacific/Ponape",
    "Pacific/Samoa",
    "Pacific/Truk",
    "Pacific/Yap",
];

/// Rejects an unknown time zone.
pub fn check(name: &str) -> Result<(), FieldError> {
    find(name).map(drop).ok_or_else(limits::unknown_time_zone)
}

fn find(name: &str) -> Option<jiff::tz::TimeZone> {
    // `Etc/Unknown` is found too.
    jiff::tz::db().get(name).ok().filter(|zone| !zone.is_unknown())
}

/// Time zones to choose from, by region and city, with their offsets at this time.
pub fn list(now: Time) -> Vec<TimeZone> {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
        let is_listed =
            |name: &String| REGIONS.iter().any(|region| name.starts_with(region)) && !FORMER.contains(&name.as_str());
        let known = jiff::tz::db().available().map(|name| name.to_string());
        let mut names: Vec<_> = known.filter(is_listed).collect();
        names.push("UTC".into());
        names.sort_unstable();
        names
    });
    NAMES.iter().filter_map(|name| Some(TimeZone { name, offset: offset(name, now)? })).collect()
}

/// Offset from UTC, as `+05:45`.
fn offset(zone: &str, now: Time) -> Option<String> {
    let minutes = utc_offset(zone, now)?;
    let sign = if minutes < 0 { '-' } else { '+' };
    Some(format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60))
}

/// How many minutes local time in a time zone is ahead of UTC.
pub fn utc_offset(zone: &str, at: Time) -> Option<i64> {
    let timestamp = jiff::Timestamp::from_millisecond(at.0).ok()?;
    Some(i64::from(find(zone)?.to_offset(timestamp).seconds() / 60))
}

/// Local time in a time zone, as `14:30`.
pub fn time_in(zone: &str, now: Time) -> Option<String> {
    Some(now.plus(utc_offset(zone, now)? * 60_000).format_24h())
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
    fn offsets_respect_daylight_saving() {
        let (summer, winter) =
            ("2026-07-01T12:00:00.000Z".parse().unwrap(), "2026-12-01T12:00:00.000Z".parse().unwrap());
        for (zone, offsets) in
            [("America/St_Johns", [-150, -210]), ("Australia/Lord_Howe", [630, 660]), ("UTC", [0, 0])]
        {
            assert_eq!([summer, winter].map(|at| utc_offset(zone, at)), offsets.map(Some), "{zone}");
        }
        for unknown in ["Etc/Unknown", "Europe/Atlantis", "../etc/localtime", "", "\0"] {
            assert_eq!(utc_offset(unknown, summer), None, "{unknown}");
        }
    }

    #[test]
    fn every_listed_name_is_a_valid_time_zone() {
        let list = list(Time(0));
        assert!(list.len() > 300 && list.iter().any(|zone| zone.name == "America/Argentina/Buenos_Aires"));
        assert!(list.iter().all(|zone| check(zone.name).is_ok() && zone.name.len() <= limits::TIME_ZONE_CHARS));
        for wrong in ["Europe", "europe", "Europe/Atlantis", "Etc/Unknown", ""] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_time_zone_is_listed_once_with_its_offset() {
        let zones = |now: &str| list(now.parse().unwrap());
        let (winter, summer) = (zones("2026-01-01T12:00:00.000Z"), zones("2026-07-01T12:00:00.000Z"));
        let offset =
            |zones: &[TimeZone], name| zones.iter().find(|zone| zone.name == name).map(|zone| zone.offset.clone());
        for (name, expected) in [
            ("Europe/Berlin", ["+01:00", "+02:00"]),
            ("America/St_Johns", ["-03:30", "-02:30"]),
            ("Asia/Kathmandu", ["+05:45", "+05:45"]),
            ("UTC", ["+00:00", "+00:00"]),
        ] {
            assert_eq!(
                [&winter, &summer].map(|zones| offset(zones, name)),
                expected.map(|text| Some(text.into())),
                "{name}"
            );
        }
        // Names of today beside their former names.
        for (name, former) in [("Asia/Kolkata", "Asia/Calcutta"), ("Europe/Kyiv", "Europe/Kiev")] {
            assert_eq!([name, former].map(|name| offset(&winter, name).is_some()), [true, false]);
        }
        assert!(FORMER.iter().all(|name| check(name).is_ok()), "a former name is unknown");
    }
}
