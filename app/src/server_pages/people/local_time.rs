//! A user's local time.

use leptos::prelude::*;
use protocol::{settings::HourCycle, user_profile::LocalTime};

/// For example "10:42, 2 hours ahead of you". The browser writes the time like all others of the page.
pub fn local_time(time: LocalTime, cycle: HourCycle) -> AnyView {
    let LocalTime { hour, minute, .. } = time;
    let value = format!("{hour:02}:{minute:02}");
    view! { <time datetime=value>{clock(time, cycle)}</time> {offset(time)} }.into_any()
}

fn clock(time: LocalTime, cycle: HourCycle) -> String {
    let LocalTime { hour, minute, .. } = time;
    match cycle {
        HourCycle::Twelve => {
            let half = if hour < 12 { "am" } else { "pm" };
            format!("{}:{minute:02} {half}", (hour + 11) % 12 + 1)
        }
        _ => format!("{hour:02}:{minute:02}"),
    }
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
        let time = |hour, minute, ahead| LocalTime { hour, minute, offset_minutes: ahead };
        let describe = |time, cycle| clock(time, cycle) + &offset(time);
        assert_eq!(describe(time(10, 42, Some(120)), HourCycle::TwentyFour), "10:42, 2 hours ahead of you");
        assert_eq!(describe(time(0, 5, Some(-60)), HourCycle::Twelve), "12:05 am, 1 hour behind you");
        assert_eq!(describe(time(12, 0, Some(330)), HourCycle::Twelve), "12:00 pm, 5 hours 30 minutes ahead of you");
        assert_eq!(describe(time(9, 0, Some(0)), HourCycle::Auto), "09:00, the same as yours");
        assert_eq!(describe(time(9, 0, None), HourCycle::TwentyFour), "09:00");
    }
}
