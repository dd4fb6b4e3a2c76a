//! Server functions: thin wrappers around the service. They are called by the browser, by pages during server
//! rendering, and by plain forms without JavaScript.

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

#[cfg(feature = "ssr")]
pub use crate::api::admin::*;
#[cfg(feature = "ssr")]
pub use crate::api::auth::*;
#[cfg(feature = "ssr")]
pub use crate::api::credentials::*;
#[cfg(feature = "ssr")]
pub use crate::api::people::*;
#[cfg(feature = "ssr")]
pub use crate::api::profile::*;
#[cfg(feature = "ssr")]
pub use crate::api::room_invitations::*;
#[cfg(feature = "ssr")]
pub use crate::api::sign_ins::*;
pub use crate::api::{account::*, failure::Failure, messages::*, rooms::*, wire::Wire};
