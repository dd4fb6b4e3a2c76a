//! What people say about themselves.

use crate::user::Status;
use serde::{Deserialize, Serialize};

/// What a person says about themselves, beside their picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Profile {
    /// What others see.
    pub display_name: String,
    /// A few lines; empty when they say nothing.
    pub bio: String,
    /// How to speak of them; empty when they do not say.
    pub pronouns: String,
    /// Where their clock is, as an IANA name such as `Europe/Berlin`; null when they do not say.
    pub time_zone: Option<String>,
    /// What their clock shows at this moment, such as `14:30`; null when they do not say where it is.
    pub local_time: Option<String>,
    /// What they read best, as a BCP 47 tag such as `de-AT`; null when they do not say.
    pub language: Option<String>,
    /// What they say they are doing; null when they say nothing.
    pub status: Option<Status>,
}

/// The sides of the squares that each picture is kept as, in pixels, from the largest to the smallest.
pub const AVATAR_SIZES: [u32; 3] = [512, 128, 64];

/// A picture, made anew by the server from what was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its media type.
    pub media_type: String,
    /// The file.
    pub bytes: Vec<u8>,
}
