//! Detects a connection that died without a close.

/// After this long without a frame, in milliseconds, a ping is sent.
const PING_AFTER: i64 = 20_000;
/// How long the response may take, in milliseconds.
const PONG_TIMEOUT: i64 = 8_000;

/// When the last frame was received, and whether a ping was sent since.
pub struct Heartbeat {
    last_received: i64,
    pinged_at: Option<i64>,
}

/// What to do after a time without frames.
#[derive(Debug, PartialEq, Eq)]
pub enum HeartbeatAction {
    /// Nothing.
    Ok,
    /// Send a ping.
    Ping,
    /// The connection is dead.
    Timeout,
}

impl Heartbeat {
    /// The heartbeat of a connection that was opened just now.
    pub const fn new(now: i64) -> Self {
        Self { last_received: now, pinged_at: None }
    }

    /// A frame was received.
    pub const fn on_received(&mut self, now: i64) {
        self.last_received = now;
        self.pinged_at = None;
    }

    /// Checks the time since the last frame. `force` pings at once, however short it is: the computer may have slept.
    pub fn tick(&mut self, now: i64, force: bool) -> HeartbeatAction {
        match self.pinged_at {
            Some(pinged_at) if now - pinged_at > PONG_TIMEOUT => HeartbeatAction::Timeout,
            None if force || now - self.last_received > PING_AFTER => {
                self.pinged_at = Some(now);
                HeartbeatAction::Ping
            }
            Some(_) | None => HeartbeatAction::Ok,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Heartbeat, HeartbeatAction};

    #[test]
    fn silence_is_asked_about_and_then_given_up() {
        let mut heartbeat = Heartbeat::new(0);
        assert_eq!(heartbeat.tick(19_000, false), HeartbeatAction::Ok);
        assert_eq!(heartbeat.tick(21_000, false), HeartbeatAction::Ping);
        assert_eq!(heartbeat.tick(25_000, false), HeartbeatAction::Ok);
        heartbeat.on_received(26_000);
        assert_eq!(heartbeat.tick(27_000, true), HeartbeatAction::Ping);
        assert_eq!(heartbeat.tick(36_000, false), HeartbeatAction::Timeout);
    }
}
