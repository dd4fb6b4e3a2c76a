//! User profiles.

use crate::user::Status;
use serde::{Deserialize, Serialize};

/// A user's profile, without the avatar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Profile {
    /// The name that others see.
    pub display_name: String,
    /// A few lines; empty if not given.
    pub bio: String,
    /// Pronouns; empty if not given.
    pub pronouns: String,
    /// The time zone, as an IANA name such as `Europe/Berlin`; null if not given.
    pub time_zone: Option<String>,
    /// The local time now, such as `14:30`; null if no time zone is given.
    pub local_time: Option<String>,
    /// The preferred language, as a BCP 47 tag such as `de-AT`; null if not given.
    pub language: Option<String>,
    /// The status; null if there is none.
    pub status: Option<Status>,
}

/// A time zone to choose from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone {
    /// The IANA name.
    pub name: &'static str,
    /// The offset from UTC now, such as `+01:00`.
    pub offset: String,
}

/// The sizes in which each avatar is stored: sides of squares in pixels, from the largest to the smallest.
pub const AVATAR_SIZES: [u32; 3] = [512, 128, 64];

/// An image, re-encoded by the server from what was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its media type.
    pub media_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}
