//! Limits on direct rooms, and on what a user sets for their rooms.

use super::{DEFAULT_ROOMS, DIRECT_MEMBERS, MUTE_SECONDS, ROOMS_PER_USER};
use crate::{
    error::{FieldError, Result},
    id::{RoomId, UserId},
    time::Time,
};

/// Validates the members of a direct or group room; returns all of them with the caller, by id.
pub fn direct_members(mut users: Vec<UserId>, me: UserId) -> Result<Vec<UserId>> {
    if users.is_empty() {
        return Err(FieldError::new("user_ids", "required", "Choose at least one person.").into());
    }
    if users.len() >= DIRECT_MEMBERS {
        let message = format!("A conversation can have at most {DIRECT_MEMBERS} people. Create a room for more.");
        return Err(FieldError::new("user_ids", "too_long", message).into());
    }
    users.push(me);
    users.sort_unstable();
    users.dedup();
    Ok(users)
}

/// Validates the order of a user's rooms.
pub fn room_order(rooms: Vec<RoomId>) -> Result<Vec<RoomId>> {
    distinct_rooms(rooms, ROOMS_PER_USER)
}

/// Validates the rooms that new users join.
pub fn default_rooms(rooms: Vec<RoomId>) -> Result<Vec<RoomId>> {
    distinct_rooms(rooms, DEFAULT_ROOMS)
}

fn distinct_rooms(rooms: Vec<RoomId>, max: usize) -> Result<Vec<RoomId>> {
    if rooms.len() > max {
        return Err(FieldError::new("room_ids", "too_long", format!("At most {max} rooms can be listed.")).into());
    }
    let mut sorted = rooms.clone();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(FieldError::new("room_ids", "invalid", "List each room only once.").into());
    }
    Ok(rooms)
}

/// Validates until when a room is muted.
pub fn muted_until(until: Option<Time>, now: Time) -> Result<Option<Time>> {
    match until {
        Some(until) if until <= now => {
            Err(FieldError::new("muted_until", "invalid", "Must be in the future. Leave it out to unmute.").into())
        }
        Some(until) if until > now.plus(MUTE_SECONDS * 1000) => {
            let message = "Must be at most a year from now. Use the level none to turn notifications off for good.";
            Err(FieldError::new("muted_until", "invalid", message).into())
        }
        until => Ok(until),
    }
}
