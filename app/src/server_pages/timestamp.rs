//! Times on server-rendered pages, in the reader's time zone. Where the server does not know it they are in UTC, until
//! the browser converts them: see `ui::localize_times`.

use crate::{api::request, ui::TimeFormatter};
use leptos::prelude::*;
use protocol::time::Time;

/// A time, as `19 November 2026, 09:02`.
pub fn timestamp(time: Time) -> AnyView {
    let text = TimeFormatter::of_page().short(time);
    view! { <time datetime=time.to_string() data-localize="">{text}</time> }.into_any()
}

/// How long ago a time was, as `2 min ago`, with the time as tooltip.
pub fn ago(time: Time) -> AnyView {
    let now = request::chat().map_or(time, |chat| chat.now());
    // A clock that is a moment ahead must not show the future.
    let text = relative(time.min(now), now);
    view! { <time datetime=time.to_string() title=TimeFormatter::of_page().short(time) data-localize="">{text}</time> }
        .into_any()
}

/// The date of a time, as `30 November 2026`.
pub fn date(time: Time) -> String {
    TimeFormatter::of_page().local(time).short_date()
}

/// A day such as `2026-11-30`, as `30 November 2026`.
pub fn day(day: &str) -> String {
    format!("{day}T00:00:00.000Z").parse().map_or_else(|_| day.to_owned(), Time::short_date)
}

/// A time relative to another, as `2 min ago` or `in 3 days`; beyond a month, its date. What is still to come is rounded
/// to the nearest hour or day: a link that was just created for 7 days expires in 7 days.
pub fn relative(time: Time, now: Time) -> String {
    const MINUTES_PER_DAY: i64 = 24 * 60;
    let is_past = time < now;
    let minutes = ((time.0 - now.0).abs() + 30_000) / 60_000;
    let count = |unit: i64| if is_past { minutes / unit } else { (minutes + unit / 2) / unit };
    let span = match (minutes, count(60), count(MINUTES_PER_DAY)) {
        (0, ..) => return "just now".to_owned(),
        (1..60, ..) => format!("{minutes} min"),
        (_, hours @ ..24, _) => format!("{hours} h"),
        (.., 1) => "1 day".to_owned(),
        (.., days @ ..=30) => format!("{days} days"),
        _ => return date(time),
    };
    if is_past { format!("{span} ago") } else { format!("in {span}") }
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
        // A link that was created for a week, a while ago.
        assert_eq!([7 * 1440 - 20, 6 * 1440 + 700, 1439, 89].map(at), ["in 7 days", "in 6 days", "in 1 day", "in 1 h"]);
    }

    #[test]
    fn days_are_written_like_other_dates() {
        assert_eq!([day("2026-11-30"), day("today")], ["30 November 2026", "today"]);
    }
}
