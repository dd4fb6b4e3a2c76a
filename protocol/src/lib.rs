//! The shared types of Lair Chat: what browser, server and storage exchange, the limits on it, and the reducers that
//! apply events to the state of a client. No I/O; compiles to WebAssembly.

/// Accounts, as administrators see them.
pub mod account;
/// How times are shown to a reader.
pub mod clock;
/// Enums stored as text columns.
mod column;
/// Commands: bodies of requests, arguments of server functions, payloads of socket commands.
pub mod command;
/// Credentials, registration and two-factor authentication.
pub mod credentials;
/// Positions in the event stream.
pub mod cursor;
/// Errors: codes, fields, problem documents.
pub mod error;
/// The table of events.
pub mod event;
/// WebSocket frames, and the table of socket commands.
pub mod frame;
/// Ids, one type per kind of object.
pub mod id;
/// Initials for avatars.
pub mod initials;
/// Limits on input, and their checks.
pub mod limits;
/// Messages and pages of history.
pub mod message;
/// Notifications.
pub mod notification;
/// Pages of lists.
pub mod page;
/// The tables of permissions.
pub mod permissions;
/// The traits that the domain implements and the front ends call.
pub mod port;
/// Profiles.
pub mod profile;
/// Rooms and their members.
pub mod room;
/// Room invitations.
pub mod room_invitation;
/// Callers, sessions, tokens and scopes.
pub mod session;
/// The table of a user's settings.
pub mod settings;
/// Client state and its reducers.
pub mod state;
/// Snapshots and the reasons for a reset.
pub mod sync;
/// Text frames of a WebSocket server.
pub mod text_frame;
/// Time in milliseconds, and its text forms.
pub mod time;
/// What a member has not read in a room.
pub mod unread;
/// Users, roles, presence and status.
pub mod user;
/// A user's profile page.
pub mod user_profile;

pub use error::{Error, Result};
