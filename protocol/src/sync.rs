//! Snapshots, and the events that bring them up to date.

use crate::{cursor::Cursor, event::Event, id::UserId, room::Room, settings::Settings, user::User};
use serde::{Deserialize, Serialize};

/// Everything a user sees at one position in the stream; the events after `cursor` bring it up to date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Snapshot {
    /// The caller.
    #[serde(rename = "self")]
    pub me: User,
    /// The caller's rooms, by name.
    pub rooms: Vec<Room>,
    /// The caller's settings.
    pub settings: Settings,
    /// The users that the caller blocks.
    pub blocked: Vec<UserId>,
    /// The position in the stream that the snapshot reflects.
    pub cursor: Cursor,
}

/// What a page of the chat is rendered from.
#[derive(Clone, Debug, PartialEq)]
pub struct PageSnapshot {
    /// The snapshot of its user.
    pub snapshot: Snapshot,
    /// The time zone of the user's profile.
    pub time_zone: Option<String>,
}

/// Why a client must take a new snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reset {
    /// The events after this cursor are no longer stored.
    Expired,
    /// The cursor is of another database, or ahead of the stream.
    Unknown,
    /// More events were missed than the client wants to replay.
    TooManyEvents,
}

/// The response to a long poll.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Events {
    /// In order; empty if nothing happened in the time waited.
    pub items: Vec<Event>,
    /// The value of `after` for the next request.
    pub cursor: Cursor,
    /// Set if the cursor can no longer be served: take a new snapshot. `items` is then empty.
    pub reset: Option<Reset>,
}
