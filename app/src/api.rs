//! Server functions: thin wrappers around the service. They are called by the browser, by pages during server
//! rendering, and by plain forms without JavaScript.
//!
//! One file per noun, as in the REST API. The path of a function determines how its requests are counted: those under
//! `/do/read` change nothing, those under `/do/auth` take a password, code or token, and the others under `/do` are
//! writes.

/// Personal access tokens.
#[cfg(feature = "ssr")]
mod access_tokens;
/// Account invitations.
#[cfg(feature = "ssr")]
mod account_invitations;
/// The user's own account.
#[cfg(feature = "ssr")]
mod accounts;
/// Managing accounts.
#[cfg(feature = "ssr")]
mod admin;
/// Sign-up, sign-in and sign-out.
mod auth;
/// Avatars.
#[cfg(feature = "ssr")]
mod avatars;
/// Blocked users.
#[cfg(feature = "ssr")]
mod blocks;
/// The settings of the service.
#[cfg(feature = "ssr")]
mod config;
/// Direct and group rooms.
#[cfg(feature = "ssr")]
mod direct_rooms;
/// Forms that succeeded.
#[cfg(feature = "ssr")]
pub mod done;
/// Email addresses.
#[cfg(feature = "ssr")]
mod emails;
/// The error of server functions.
mod failure;
/// Parts of pages that the server draws.
mod fragments;
/// Members of rooms.
#[cfg(feature = "ssr")]
mod members;
/// Messages.
mod messages;
/// Notifications.
#[cfg(feature = "ssr")]
mod notifications;
/// Passwords.
#[cfg(feature = "ssr")]
mod passwords;
/// Profiles and settings.
#[cfg(feature = "ssr")]
mod profiles;
/// Forms whose text a refusal gives back.
#[cfg(feature = "ssr")]
pub mod refused_form;
/// The context of a request.
#[cfg(feature = "ssr")]
pub mod request;
/// Room invitations.
#[cfg(feature = "ssr")]
mod room_invitations;
/// How a member sees a room.
#[cfg(feature = "ssr")]
mod room_preferences;
/// Changing rooms.
#[cfg(feature = "ssr")]
mod room_settings;
/// Rooms and read markers.
mod rooms;
/// The second factor.
#[cfg(feature = "ssr")]
mod second_factor;
/// Sessions.
#[cfg(feature = "ssr")]
mod sessions;
/// Snapshots.
mod sync;
/// Users.
#[cfg(feature = "ssr")]
mod users;
/// Decoding of responses.
mod wire;

#[cfg(feature = "ssr")]
pub use crate::api::{
    access_tokens::*, account_invitations::*, accounts::*, admin::*, avatars::*, blocks::*, config::*, direct_rooms::*,
    emails::*, members::*, notifications::*, passwords::*, profiles::*, room_invitations::*, room_preferences::*,
    room_settings::*, second_factor::*, sessions::*,
};
pub use crate::api::{auth::*, failure::Failure, fragments::*, messages::*, rooms::*, sync::*, wire::Wire};
