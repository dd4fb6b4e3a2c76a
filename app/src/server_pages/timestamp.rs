//! Times on server-rendered pages. Points in time are in UTC and labelled so, until the browser converts them to the
//! reader's time zone; what matters is mostly how long ago something was, which is the same everywhere.

use crate::api::request;
use leptos::prelude::*;
use protocol::{
    settings::{HourCycle, Settings},
    time::Time,
};

/// A time, as `19 November 2026, 09:02 UTC`.
pub fn timestamp(time: Time) -> AnyView {
    view! { <time datetime=time.to_string()>{absolute(time)}</time> }.into_any()
}

/// How long ago a time was, as `2 min ago`, with the time as tooltip.
pub fn ago(time: Time) -> AnyView {
    let now = request::chat().map_or(time, |chat| chat.now());
    // A clock that is a moment ahead must not show the future.
    let text = relative(time.min(now), now);
    view! { <time datetime=time.to_string() title=absolute(time) data-relative="">{text}</time> }.into_any()
}

fn absolute(time: Time) -> String {
    let twelve = use_context::<Settings>().is_some_and(|settings| settings.hour_cycle == HourCycle::Twelve);
    let clock = if twelve { time.format_12h() } else { time.format_24h() };
    format!("{}, {clock} UTC", date(time))
}

fn date(time: Time) -> String {
    let date = time.date();
    date.split_once(", ").map_or(date.as_str(), |(_, day)| day).to_owned()
}

/// A time relative to another, as `2 min ago` or `in 3 days`; beyond a month, its date.
pub fn relative(time: Time, now: Time) -> String {
    const MINUTES_PER_DAY: i64 = 24 * 60;
    let minutes = ((time.0 - now.0).abs() + 30_000) / 60_000;
    let span = match minutes {
        0 => return "just now".to_owned(),
        1..60 => format!("{minutes} min"),
        60..MINUTES_PER_DAY => format!("{} h", minutes / 60),
        _ => match minutes / MINUTES_PER_DAY {
            1 => "1 day".to_owned(),
            days @ 2..=30 => format!("{days} days"),
            _ => return date(time),
        },
    };
    if time < now { format!("{span} ago") } else { format!("in {span}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_relative_within_a_month() {
        const MINUTE: i64 = 60_000;
        let now: Time = "2026-11-30T12:00:00.000Z".parse().unwrap();
        let at = |minutes: i64| relative(now.plus(minutes * MINUTE), now);
        assert_eq!([0, -1, -59, -60, -119].map(at), ["just now", "1 min ago", "59 min ago", "1 h ago", "1 h ago"]);
        assert_eq!([-1439, -1440, -2880].map(at), ["23 h ago", "1 day ago", "2 days ago"]);
        assert_eq!([1, 60, 30 * 1440].map(at), ["in 1 min", "in 1 h", "in 30 days"]);
        assert_eq!([-31 * 1440, 31 * 1440].map(at), ["30 October 2026", "31 December 2026"]);
        // A status that was just set for an hour.
        assert_eq!(relative(now.plus(60 * MINUTE - 400), now), "in 1 h");
    }
}
