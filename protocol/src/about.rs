//! A person as their page shows them.

use crate::{id::RoomId, profile::Profile, user::User};

/// A person as their page shows them to one who looks.
#[derive(Clone, Debug, PartialEq)]
pub struct UserProfile {
    /// The person.
    pub user: User,
    /// What they say about themselves.
    pub profile: Profile,
    /// What their clock shows; nothing when they do not say where it is.
    pub local_time: Option<LocalTime>,
    /// The rooms in which they meet the one who looks, by name; the first fifty.
    pub shared_rooms: Vec<(RoomId, String)>,
    /// Whether the one who looks keeps them away.
    pub blocked: bool,
}

/// What someone's clock shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// 0 to 23.
    pub hour: i8,
    /// 0 to 59.
    pub minute: i8,
    /// Minutes by which it is ahead of the clock of the one who looks; nothing when that is not known.
    pub offset_minutes: Option<i32>,
}
