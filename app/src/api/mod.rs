//! Server functions: one line of work each. The browser calls them; so do pages while they are rendered; so do plain
//! forms when there is no WebAssembly.

mod account;
#[cfg(feature = "ssr")]
mod admin;
#[cfg(feature = "ssr")]
mod auth;
#[cfg(feature = "ssr")]
mod credentials;
mod failure;
mod messages;
#[cfg(feature = "ssr")]
mod people;
#[cfg(feature = "ssr")]
mod profile;
#[cfg(feature = "ssr")]
pub mod request;
#[cfg(feature = "ssr")]
mod room_invitations;
mod rooms;
#[cfg(feature = "ssr")]
mod sign_ins;
mod wire;

pub use account::*;
#[cfg(feature = "ssr")]
pub use admin::*;
#[cfg(feature = "ssr")]
pub use auth::*;
#[cfg(feature = "ssr")]
pub use credentials::*;
pub use failure::Failure;
pub use messages::*;
#[cfg(feature = "ssr")]
pub use people::*;
#[cfg(feature = "ssr")]
pub use profile::*;
#[cfg(feature = "ssr")]
pub use room_invitations::*;
pub use rooms::*;
#[cfg(feature = "ssr")]
pub use sign_ins::*;
pub use wire::Wire;
