//! The interface between front ends and domain logic. `domain` implements [`Chat`], one trait for each noun; the server
//! provides it (and [`BrowserSession`]) to the pages of `app` as context. REST handlers and socket commands call the
//! same methods.

mod access_tokens;
mod account_invitations;
mod accounts;
mod admin;
mod auth;
mod avatars;
mod blocks;
mod browser_session;
mod config;
mod default_rooms;
mod direct_rooms;
mod emails;
mod event_stream;
mod members;
mod messages;
mod notifications;
mod passwords;
mod profiles;
mod read_markers;
mod room_invitations;
mod room_preferences;
mod room_restrictions;
mod room_search;
mod rooms;
mod second_factors;
mod sessions;
mod users;

pub use access_tokens::AccessTokens;
pub use account_invitations::AccountInvitations;
pub use accounts::Accounts;
pub use admin::Admin;
pub use auth::Auth;
pub use avatars::Avatars;
pub use blocks::Blocks;
pub use browser_session::BrowserSession;
pub use config::ServiceConfig;
pub use default_rooms::DefaultRooms;
pub use direct_rooms::DirectRooms;
pub use emails::Emails;
pub use event_stream::EventStream;
pub use members::Members;
pub use messages::Messages;
pub use notifications::Notifications;
pub use passwords::Passwords;
pub use profiles::Profiles;
pub use read_markers::ReadMarkers;
pub use room_invitations::RoomInvitations;
pub use room_preferences::RoomPreferences;
pub use room_restrictions::RoomRestrictions;
pub use room_search::RoomSearch;
pub use rooms::Rooms;
pub use second_factors::SecondFactors;
pub use sessions::Sessions;
pub use users::Users;

/// The traits of the port: in the prelude, and all of them in [`Chat`].
macro_rules! port {
    ($($noun:ident)+) => {
        /// All traits of the port, to call their methods.
        pub mod prelude {
            pub use super::{BrowserSession, Chat, $($noun),+};
        }

        /// Everything a caller can do. Each method checks what may fail because of the caller, then does it.
        pub trait Chat: $($noun +)+ 'static {}

        impl<T: $($noun +)+ 'static> Chat for T {}
    };
}

port! {
    Accounts Admin AccountInvitations ServiceConfig Auth Passwords Emails Sessions AccessTokens SecondFactors
    Notifications Users Blocks Profiles Avatars Rooms Members ReadMarkers RoomInvitations RoomRestrictions Messages
    EventStream DirectRooms RoomPreferences RoomSearch DefaultRooms
}
