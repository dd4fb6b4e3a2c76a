//! The door: signing up and in, and the way back in.

mod card;
mod code;
mod forgot;
mod registration_state;
mod reset;
mod sign_in;
mod sign_up;
mod verify;

pub use card::Card;
pub use code::CodePage;
pub use forgot::ForgotPage;
pub use reset::ResetPage;
pub use sign_in::SignInPage;
pub use sign_up::SignUpPage;
pub use verify::VerifyPage;
