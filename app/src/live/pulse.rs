//! Notices a connection that died without saying so.

/// After so long a silence, in milliseconds, the server is asked whether it is there.
const QUIET: i64 = 20_000;
/// How long it may take to answer.
const PATIENCE: i64 = 8_000;

/// When the other side was last heard, and whether it has been asked since.
pub struct Pulse {
    heard: i64,
    asked: Option<i64>,
}

/// What to do about a silence.
#[derive(Debug, PartialEq, Eq)]
pub enum Beat {
    /// Nothing.
    Well,
    /// Ask whether anyone is there.
    Ask,
    /// Nobody is.
    Dead,
}

impl Pulse {
    /// A connection that was opened just now.
    pub const fn new(now: i64) -> Self {
        Self { heard: now, asked: None }
    }

    /// Something came.
    pub const fn heard(&mut self, now: i64) {
        self.heard = now;
        self.asked = None;
    }

    /// Looks at the clock. `doubt` asks at once, however short the silence: the computer may have slept.
    pub fn feel(&mut self, now: i64, doubt: bool) -> Beat {
        match self.asked {
            Some(asked) if now - asked > PATIENCE => Beat::Dead,
            None if doubt || now - self.heard > QUIET => {
                self.asked = Some(now);
                Beat::Ask
            }
            Some(_) | None => Beat::Well,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Beat, Pulse};

    #[test]
    fn silence_is_asked_about_and_then_given_up() {
        let mut pulse = Pulse::new(0);
        assert_eq!(pulse.feel(19_000, false), Beat::Well);
        assert_eq!(pulse.feel(21_000, false), Beat::Ask);
        assert_eq!(pulse.feel(25_000, false), Beat::Well);
        pulse.heard(26_000);
        assert_eq!(pulse.feel(27_000, true), Beat::Ask);
        assert_eq!(pulse.feel(36_000, false), Beat::Dead);
    }
}
