//! What a client starts from, and what it asks to go on from there.

use crate::{
    cursor::Cursor,
    event::Event,
    id::UserId,
    read::{DecodeError, FromJson},
    room::Room,
    settings::Settings,
    user::User,
};
use serde::{Deserialize, Serialize};

/// Everything a person sees at one place in the stream; the events after `cursor` bring it up to date.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Snapshot {
    /// Who asks.
    #[serde(rename = "self")]
    pub me: User,
    /// The rooms they are in, by name.
    pub rooms: Vec<Room>,
    /// How they like things.
    pub settings: Settings,
    /// Whom they keep away.
    pub blocked: Vec<UserId>,
    /// The place in the stream that this describes.
    pub cursor: Cursor,
}

/// Why a client must take a new snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reset {
    /// The events after this cursor are no longer kept.
    Expired,
    /// The cursor is of another database, or from the future.
    Unknown,
}

/// The answer to a long poll.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Events {
    /// In order; empty when nothing happened in the time waited.
    pub items: Vec<Event>,
    /// What to pass as `after` next time.
    pub cursor: Cursor,
    /// Set when the cursor can no longer be served: take a new snapshot. `items` is then empty.
    pub reset: Option<Reset>,
}

crate::from_json! {
    Snapshot { me = "self", rooms, settings, blocked, cursor }
}

impl FromJson for Reset {
    fn from_json(value: serde_json::Value) -> Result<Self, DecodeError> {
        Self::deserialize(value).map_err(|_| DecodeError("a reason"))
    }
}
