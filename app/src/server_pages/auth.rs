//! Auth pages: sign-up, sign-in and password recovery.

mod card;
mod code;
mod forgot;
mod registration_state;
mod reset;
mod sign_in;
mod sign_up;
mod verify;

pub use crate::server_pages::auth::{
    card::Card, code::CodePage, forgot::ForgotPage, reset::ResetPage, sign_in::SignInPage, sign_up::SignUpPage,
    verify::VerifyPage,
};
