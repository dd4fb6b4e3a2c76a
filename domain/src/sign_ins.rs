//! The port to sessions, personal access tokens, second factors and notifications.

mod access_tokens;
mod enter;
mod guesses;
mod renewal;
pub mod second_factor;
mod sessions;
mod totp;

pub use enter::{CreatedSession, PendingSession, device_ids};
pub use guesses::TotpThrottle;
pub use sessions::session_maintenance_loop;
