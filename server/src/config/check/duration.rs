//! Parsing of durations.

use super::ConfigProblem;

/// The shortest idle timeout of a session, in milliseconds: the last use is recorded only now and then.
const MIN_SESSION_IDLE: i64 = 15 * 60 * 1000;

/// Parses a duration, in milliseconds.
pub(super) fn duration(text: &str) -> Result<i64, ConfigProblem> {
    let text = text.trim();
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let seconds = match unit.trim() {
        "s" => Some(1),
        "m" => Some(60),
        "h" => Some(60 * 60),
        "d" => Some(24 * 60 * 60),
        _ => None,
    };
    let number = number.parse::<i64>().ok().filter(|number| *number > 0);
    let milliseconds = number.zip(seconds).and_then(|(number, unit)| number.checked_mul(unit * 1000));
    milliseconds.ok_or_else(|| ConfigProblem::new(format!("\"{text}\" is not a duration. Use 30d, 12h, 90m or 600s.")))
}

/// Parses the idle timeout of a session, in milliseconds.
pub(super) fn idle(text: &str) -> Result<i64, ConfigProblem> {
    let short =
        || ConfigProblem::new(format!("\"{text}\" is too short: active users would be signed out. Use at least 15m."));
    duration(text).and_then(|idle| if idle < MIN_SESSION_IDLE { Err(short()) } else { Ok(idle) })
}

#[cfg(test)]
mod tests {
    use super::{duration, idle};

    #[test]
    fn the_idle_timeout_is_at_least_fifteen_minutes() {
        for (text, good) in [("15m", true), ("900s", true), ("30d", true), ("899s", false), ("1s", false), ("x", false)]
        {
            assert_eq!(idle(text).is_ok(), good, "{text}");
        }
        assert_eq!(duration("1s").ok(), Some(1000));
    }
}
