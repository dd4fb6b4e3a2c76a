//! A user's local time.

use crate::ui::TimeFormatter;
use leptos::prelude::*;
use protocol::{time::Time, user_profile::LocalTime};

/// For example "10:42, 2 hours ahead of you". The time is written like all others of the page.
pub fn local_time(time: LocalTime) -> AnyView {
    let of_day = Time((i64::from(time.hour) * 60 + i64::from(time.minute)) * 60_000);
    let text = TimeFormatter::of_page().format.time_of_day(of_day);
    view! { <time datetime=of_day.format_24h() data-localize="">{text}</time> {offset(time)} }.into_any()
}

fn offset(time: LocalTime) -> String {
    match time.offset_minutes {
        None => String::new(),
        Some(0) => ", the same as yours".to_owned(),
        Some(minutes) => {
            let direction = if minutes > 0 { "ahead of" } else { "behind" };
            format!(", {} {direction} you", format_duration(minutes.abs()))
        }
    }
}

fn format_duration(minutes: i32) -> String {
    let some = |count: i32, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        _ => Some(format!("{count} {what}s")),
    };
    let parts = [some(minutes / 60, "hour"), some(minutes % 60, "minute")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_times_are_formatted_with_their_offset() {
        let describe = |ahead| offset(LocalTime { hour: 10, minute: 42, offset_minutes: ahead });
        assert_eq!(describe(Some(120)), ", 2 hours ahead of you");
        assert_eq!(describe(Some(-60)), ", 1 hour behind you");
        assert_eq!(describe(Some(330)), ", 5 hours 30 minutes ahead of you");
        assert_eq!(describe(Some(0)), ", the same as yours");
        assert_eq!(describe(None), "");
    }
}
