//! The shared types of Lair Chat: what browser, server and storage exchange, the limits on it, and the reducers that
//! apply events to the state of a client. No I/O; compiles to WebAssembly.

pub mod about;
pub mod account;
mod column;
pub mod command;
pub mod credentials;
pub mod cursor;
pub mod error;
pub mod event;
pub mod frame;
pub mod id;
pub mod initials;
pub mod limits;
pub mod message;
pub mod notification;
pub mod page;
pub mod port;
pub mod profile;
pub mod read;
pub mod room;
pub mod room_invitation;
pub mod room_list;
pub mod room_state;
pub mod session;
pub mod settings;
pub mod sync;
pub mod time;
pub mod user;

pub use error::{Error, Result};
