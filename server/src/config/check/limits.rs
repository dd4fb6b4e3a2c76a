//! Parsing of limits.

use super::ConfigProblem;
use crate::rate_limit::Quota;
use std::num::NonZeroU32;

/// Parses a rate limit.
pub(super) fn quota(text: &str) -> Result<Quota, ConfigProblem> {
    text.parse().map_err(|()| {
        ConfigProblem::new(format!(
            "\"{text}\" is not a rate limit. Use a number per s, min or h, and a burst, such as 60/min burst 200."
        ))
    })
}

/// Parses a number of connections.
pub(super) fn count(text: &str) -> Result<NonZeroU32, ConfigProblem> {
    text.trim()
        .parse()
        .map_err(|_| ConfigProblem::new(format!("\"{text}\" is not valid. Use a number of 1 or more, such as 100.")))
}
