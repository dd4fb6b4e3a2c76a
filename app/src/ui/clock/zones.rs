//! Offsets of time zones from UTC: the server has a database of its own, the browser asks `Intl`.

#[cfg(feature = "ssr")]
mod server {
    use leptos::prelude::use_context;
    use protocol::{port::Chat, time::Time};
    use std::sync::Arc;

    /// The time zones, as the server knows them.
    #[derive(Clone)]
    pub struct Zones(Option<Arc<dyn Chat>>);

    impl Zones {
        pub fn new() -> Self {
            Self(use_context())
        }

        /// How many minutes local time in a time zone is ahead of UTC.
        pub fn utc_offset(&self, zone: &str, at: Time) -> i64 {
            // The zone was checked when the request arrived.
            self.0.as_ref().and_then(|chat| chat.utc_offset(zone, at)).unwrap_or_default()
        }
    }
}

#[cfg(not(feature = "ssr"))]
mod browser {
    use super::parse_offset;
    use js_sys::{Array, Date, Function, Intl, Object, Reflect};
    use protocol::time::Time;
    use std::cell::RefCell;
    use wasm_bindgen::{JsCast, JsValue};

    /// Time zones change their offset at a quarter of an hour.
    const QUARTER_HOUR: i64 = 15 * 60_000;

    /// The time zones, as the browser knows them.
    #[derive(Clone)]
    pub struct Zones;

    /// Offsets of one time zone that were asked for, since asking takes a few microseconds.
    struct KnownOffsets {
        zone: String,
        /// `None` if the browser does not know the time zone.
        formatter: Option<Function>,
        /// Quarters of hours, counted from the epoch, with their offsets.
        offsets: Vec<(i64, i64)>,
    }

    thread_local! {
        static KNOWN: RefCell<Option<KnownOffsets>> = const { RefCell::new(None) };
    }

    impl Zones {
        pub const fn new() -> Self {
            Self
        }

        /// How many minutes local time in a time zone is ahead of UTC. A time zone that the browser does not know counts
        /// as its own.
        #[allow(clippy::unused_self, reason = "the server needs it")]
        pub fn utc_offset(&self, zone: &str, at: Time) -> i64 {
            KNOWN.with_borrow_mut(|known| {
                if known.as_ref().is_none_or(|known| known.zone != zone) {
                    let formatter = formatter(zone);
                    *known = Some(KnownOffsets { zone: zone.to_owned(), formatter, offsets: Vec::new() });
                }
                known.as_mut().map_or(0, |known| known.at(at))
            })
        }
    }

    impl KnownOffsets {
        fn at(&mut self, at: Time) -> i64 {
            let quarter = at.0.div_euclid(QUARTER_HOUR);
            match self.offsets.binary_search_by_key(&quarter, |(quarter, _)| *quarter) {
                Ok(index) => self.offsets[index].1,
                Err(index) => {
                    let date = date(at);
                    let offset = self.ask(&date).unwrap_or_else(|| own_offset(&date));
                    self.offsets.insert(index, (quarter, offset));
                    offset
                }
            }
        }

        fn ask(&self, date: &Date) -> Option<i64> {
            let text = self.formatter.as_ref()?.call1(&JsValue::UNDEFINED, date).ok()?;
            parse_offset(&text.as_string()?)
        }
    }

    /// A function that formats dates with the offset of a time zone; `None` if the browser does not know the time zone.
    fn formatter(zone: &str) -> Option<Function> {
        let options = Object::new();
        for (name, value) in [("timeZone", zone), ("timeZoneName", "longOffset")] {
            Reflect::set(&options, &name.into(), &value.into()).ok()?;
        }
        let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
        // The constructor of the bindings does not return what it throws.
        let constructor: Function = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?.dyn_into().ok()?;
        let formatter = Reflect::construct(&constructor, &Array::of2(&"en".into(), &options)).ok()?;
        Some(formatter.unchecked_into::<Intl::DateTimeFormat>().format().unchecked_into())
    }

    /// The offset of the browser's own time zone.
    #[allow(clippy::cast_possible_truncation, reason = "an offset is less than a day of minutes")]
    fn own_offset(date: &Date) -> i64 {
        -date.get_timezone_offset() as i64
    }

    #[allow(clippy::cast_precision_loss, reason = "milliseconds are exact until the year 287396")]
    fn date(time: Time) -> Date {
        Date::new(&JsValue::from_f64(time.0 as f64))
    }
}

#[cfg(not(feature = "ssr"))]
pub use browser::Zones;
#[cfg(feature = "ssr")]
pub use server::Zones;

/// The minutes in a formatted date such as `11/30/2026, GMT-03:30`.
#[cfg(any(test, not(feature = "ssr")))]
fn parse_offset(text: &str) -> Option<i64> {
    let (_, offset) = text.rsplit_once("GMT")?;
    if offset.is_empty() {
        return Some(0);
    }
    let (hours, minutes) = offset.split_once(':')?;
    let minutes: i64 = minutes.get(..2)?.parse().ok()?;
    let hours: i64 = hours.parse().ok()?;
    Some(hours * 60 + if offset.starts_with('-') { -minutes } else { minutes })
}

#[cfg(test)]
mod tests {
    use super::parse_offset;

    #[test]
    fn offsets_are_read_from_formatted_dates() {
        for (text, minutes) in [
            ("11/30/2026, GMT+05:30", 330),
            ("11/30/2026, GMT-03:30", -210),
            ("11/30/2026, GMT-00:44:30", -44),
            ("11/30/2026, GMT+00:00", 0),
            ("11/30/2026, GMT", 0),
        ] {
            assert_eq!(parse_offset(text), Some(minutes), "{text}");
        }
        for other in ["11/30/2026", "11/30/2026, GMT+5", "11/30/2026, UTC+05:30"] {
            assert_eq!(parse_offset(other), None, "{other}");
        }
    }
}
