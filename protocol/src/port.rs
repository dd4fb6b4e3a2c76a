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
mod config;
mod emails;
mod event_stream;
mod members;
mod messages;
mod notifications;
mod passwords;
mod profiles;
mod room_invitations;
mod rooms;
mod second_factors;
mod sessions;
mod users;
mod visitor;

pub use access_tokens::AccessTokens;
pub use account_invitations::AccountInvitations;
pub use accounts::Accounts;
pub use admin::Admin;
pub use auth::Auth;
pub use avatars::Avatars;
pub use blocks::Blocks;
pub use config::ServiceConfig;
pub use emails::Emails;
pub use event_stream::EventStream;
pub use members::Members;
pub use messages::Messages;
pub use notifications::Notifications;
pub use passwords::Passwords;
pub use profiles::Profiles;
pub use room_invitations::RoomInvitations;
pub use rooms::Rooms;
pub use second_factors::SecondFactors;
pub use sessions::Sessions;
pub use users::Users;
pub use visitor::BrowserSession;

/// All traits of the port, imported together so that their methods can be called.
pub mod prelude {
    pub use super::{
        AccessTokens, AccountInvitations, Accounts, Admin, Auth, Avatars, Blocks, BrowserSession, Chat, Emails,
        EventStream, Members, Messages, Notifications, Passwords, Profiles, RoomInvitations, Rooms, SecondFactors,
        ServiceConfig, Sessions, Users,
    };
}

/// All operations of a caller. Each method first checks everything that can fail because of the caller.
pub trait Chat:
    Accounts
    + Admin
    + AccountInvitations
    + ServiceConfig
    + Auth
    + Passwords
    + Emails
    + Sessions
    + AccessTokens
    + SecondFactors
    + Notifications
    + Users
    + Blocks
    + Profiles
    + Avatars
    + Rooms
    + Members
    + RoomInvitations
    + Messages
    + EventStream
{
}

impl<T> Chat for T where
    T: Accounts
        + Admin
        + AccountInvitations
        + ServiceConfig
        + Auth
        + Passwords
        + Emails
        + Sessions
        + AccessTokens
        + SecondFactors
        + Notifications
        + Users
        + Blocks
        + Profiles
        + Avatars
        + Rooms
        + Members
        + RoomInvitations
        + Messages
        + EventStream
{
}
