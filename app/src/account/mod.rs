//! The door: signing up and signing in.

mod card;
mod code;
mod door;
mod sign_in;
mod sign_up;

pub use code::CodePage;
pub use sign_in::SignInPage;
pub use sign_up::SignUpPage;
