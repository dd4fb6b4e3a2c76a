//! A user's local time as text.

use protocol::{settings::HourCycle, user_profile::LocalTime};

/// For example "10:42, 2 hours ahead of you".
pub fn describe(time: LocalTime, cycle: HourCycle) -> String {
    let LocalTime { hour, minute, offset_minutes: ahead } = time;
    let clock = match cycle {
        HourCycle::Twelve => {
            let half = if hour < 12 { "am" } else { "pm" };
            format!("{}:{minute:02} {half}", (hour + 11) % 12 + 1)
        }
        _ => format!("{hour:02}:{minute:02}"),
    };
    match ahead {
        None => clock,
        Some(0) => format!("{clock}, the same as yours"),
        Some(minutes) => {
            let direction = if minutes > 0 { "ahead of" } else { "behind" };
            format!("{clock}, {} {direction} you", format_duration(minutes.abs()))
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
        assert_eq!(describe(time(10, 42, Some(120)), HourCycle::TwentyFour), "10:42, 2 hours ahead of you");
        assert_eq!(describe(time(0, 5, Some(-60)), HourCycle::Twelve), "12:05 am, 1 hour behind you");
        assert_eq!(describe(time(12, 0, Some(330)), HourCycle::Twelve), "12:00 pm, 5 hours 30 minutes ahead of you");
        assert_eq!(describe(time(9, 0, Some(0)), HourCycle::Auto), "09:00, the same as yours");
        assert_eq!(describe(time(9, 0, None), HourCycle::TwentyFour), "09:00");
    }
}
