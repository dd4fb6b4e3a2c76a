//! A rate limit, as the operator writes it: `60/min burst 200`.

use std::{fmt, num::NonZeroU32, str::FromStr, time::Duration};

/// A rate limit: so many requests at once, and then so many per unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    count: NonZeroU32,
    per: TimeUnit,
    burst: NonZeroU32,
}

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TimeUnit {
    Second,
    Minute,
    Hour,
}

impl TimeUnit {
    const ALL: [Self; 3] = [Self::Second, Self::Minute, Self::Hour];

    const fn name(self) -> &'static str {
        match self {
            Self::Second => "s",
            Self::Minute => "min",
            Self::Hour => "h",
        }
    }

    const fn duration(self) -> Duration {
        Duration::from_secs(match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 3_600,
        })
    }
}

/// More than this per second is not a limit.
const MAX_COUNT: u32 = 1_000_000;

impl Quota {
    /// So many requests per minute, and so many at once.
    pub(super) fn per_minute(count: u32, burst: u32) -> Self {
        // A limit of zero makes no sense; one is the nearest that does.
        let or_one = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self { count: or_one(count), per: TimeUnit::Minute, burst: or_one(burst) }
    }

    /// How many requests are allowed at once.
    pub const fn burst(self) -> NonZeroU32 {
        self.burst
    }

    /// How long it takes until one more request is allowed.
    pub fn interval(self) -> Duration {
        self.per.duration() / self.count.get()
    }

    /// How long it takes until the whole burst is available again.
    pub fn window(self) -> Duration {
        self.interval() * self.burst.get()
    }
}

impl FromStr for Quota {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.split_whitespace();
        let (count, per) = parts.next().and_then(|rate| rate.split_once('/')).ok_or(())?;
        let per = TimeUnit::ALL.into_iter().find(|one| one.name() == per).ok_or(())?;
        let number = |text: &str| text.parse::<NonZeroU32>().ok().filter(|number| number.get() <= MAX_COUNT);
        let count = number(count).ok_or(())?;
        let burst = match (parts.next(), parts.next(), parts.next()) {
            (None, None, None) => count,
            (Some("burst"), Some(burst), None) => number(burst).ok_or(())?,
            _ => return Err(()),
        };
        Ok(Self { count, per, burst })
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{} burst {}", self.count, self.per.name(), self.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_round_trips() {
        for text in ["60/min burst 200", "5/s burst 1", "1000/h burst 1000"] {
            assert_eq!(text.parse::<Quota>().unwrap().to_string(), text);
        }
        let quota: Quota = "  30/min ".parse().unwrap();
        assert_eq!(quota.to_string(), "30/min burst 30");
        assert_eq!((quota.interval(), quota.window()), (Duration::from_secs(2), Duration::from_mins(1)));
        assert_eq!(Quota::per_minute(60, 200).to_string(), "60/min burst 200");
    }

    #[test]
    fn invalid_quotas_are_rejected() {
        for text in [
            "",
            "60",
            "0/min",
            "-1/min",
            "60/day",
            "60/min burst",
            "60/min burst 0",
            "60/min burst 5 x",
            "60/min bust 5",
            "1.5/s",
            "99999999999/s",
            "1000001/s",
        ] {
            assert_eq!(text.parse::<Quota>(), Err(()), "{text}");
        }
    }
}
