//! Server functions: one line of work each. The browser calls them; so do pages while they are rendered; so do plain
//! forms when there is no WebAssembly.

mod account;
mod failure;
mod messages;
mod rooms;
#[cfg(feature = "ssr")]
mod visit;
mod wire;

pub use account::*;
pub use failure::Failure;
pub use messages::*;
pub use rooms::*;
pub use wire::Wire;
