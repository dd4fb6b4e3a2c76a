//! The port to sessions, personal access tokens, second factors and notifications.

mod access_tokens;
mod enter;
mod guesses;
mod renewal;
pub mod second_factor;
mod sessions;
mod totp;

pub use enter::{Started, Starting, remembered};
pub use guesses::Guesses;
pub use sessions::keep_sessions;
