//! Server functions: one line of work each. The browser calls them; so do pages while they are rendered; so do plain
//! forms when there is no WebAssembly.

mod account;
#[cfg(feature = "ssr")]
mod credentials;
#[cfg(feature = "ssr")]
mod door;
mod failure;
#[cfg(feature = "ssr")]
mod keeping;
mod messages;
#[cfg(feature = "ssr")]
mod people;
#[cfg(feature = "ssr")]
mod profile;
#[cfg(feature = "ssr")]
mod room_invitations;
mod rooms;
#[cfg(feature = "ssr")]
mod sign_ins;
#[cfg(feature = "ssr")]
pub mod visit;
mod wire;

pub use account::*;
#[cfg(feature = "ssr")]
pub use credentials::*;
#[cfg(feature = "ssr")]
pub use door::*;
pub use failure::Failure;
#[cfg(feature = "ssr")]
pub use keeping::*;
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
