//! The profile page of a user.

use crate::{id::RoomId, profile::Profile, user::User};

/// A user's profile page, as the caller sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct UserProfile {
    /// The user.
    pub user: User,
    /// The user's profile.
    pub profile: Profile,
    /// The user's local time; `None` if they give no time zone.
    pub local_time: Option<LocalTime>,
    /// The rooms that the user shares with the caller, by name; the first fifty.
    pub shared_rooms: Vec<(RoomId, String)>,
    /// Whether the caller blocks the user.
    pub blocked: bool,
}

/// A user's local time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// 0 to 23.
    pub hour: i8,
    /// 0 to 59.
    pub minute: i8,
    /// Minutes by which it is ahead of the caller's local time; `None` if that is not known.
    pub offset_minutes: Option<i32>,
}
