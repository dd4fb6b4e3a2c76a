//! Limits on sizes, lengths and counts, defined once for forms, REST, WebSocket and storage.

mod characters;
mod credentials;
mod joiners;
mod line_breaks;
mod messages;
mod name_key;
mod profile;
mod room_preferences;
mod rooms;
#[cfg(feature = "openapi")]
pub mod schema;
mod text;
mod username;

pub use credentials::{
    CODE_CHARS, INVITATION_DAYS, INVITATION_USES, code, invite, new_password, password, set_email, typed_code,
};
pub use line_breaks::line_feeds;
pub use messages::{blank_message, is_blank, message_body};
pub use name_key::{login_key, lookalike_key, name_key};
pub use profile::{
    AVATAR_BYTES, BIO_CHARS, LANGUAGE_CHARS, PRONOUNS_CHARS, STATUS_CHARS, TIME_ZONE_CHARS, avatar, avatar_size,
    set_status, unknown_time_zone, update_profile,
};
pub use room_preferences::{default_rooms, direct_members, muted_until, room_order};
pub use rooms::{
    MEMBER_LIMIT, REASON_CHARS, RETENTION_DAYS, SLOW_MODE_SECONDS, create_room, restrict_member, update_room,
};
pub use username::{is_office, reserved_username, username};

use crate::{
    command::{AddMembers, InviteToRoom, Register, RestoreUnread},
    error::{Error, FieldError, Result},
    id::{ClientId, MessageId, UserId},
};
use profile::emoji;
use text::{check_length, multi_line, single_line};

/// Characters in a message.
pub const MESSAGE_CHARS: usize = 16_000;
/// Characters in a username.
pub const USERNAME_CHARS: std::ops::RangeInclusive<usize> = 2..=32;
/// Characters in a display name.
pub const DISPLAY_NAME_CHARS: usize = 64;
/// Characters in a password; the upper bound limits what a request to hash one can cost.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=128;
/// Characters in an email address (RFC 5321, 4.5.3.1.3).
pub const EMAIL_CHARS: usize = 254;
/// Characters in the name of a session or an access token.
pub const LABEL_CHARS: usize = 64;
/// Active sessions per user; one more ends the least recently used session.
pub const SESSIONS_PER_USER: usize = 100;
/// Personal access tokens per user.
pub const TOKENS_PER_USER: usize = 50;
/// Characters in a second-factor code or recovery code, including any spacing.
pub const TOTP_CODE_CHARS: usize = 40;
/// Characters in a room's name.
pub const ROOM_NAME_CHARS: usize = 80;
/// Characters in a room's topic.
pub const TOPIC_CHARS: usize = 250;
/// Characters in a room's description.
pub const DESCRIPTION_CHARS: usize = 2_000;
/// Characters in a user search.
pub const USER_QUERY_CHARS: usize = 100;
/// Blocked users per user.
pub const BLOCKS_PER_USER: usize = 1_000;
/// Rooms per user: the list is read as a whole, and each socket of the user is subscribed to all of them.
pub const ROOMS_PER_USER: usize = 1_000;
/// From this number of rooms on, a user is invited instead of added: the rest of [`ROOMS_PER_USER`] needs their
/// consent.
pub const ROOMS_BEFORE_CONSENT: usize = 500;
/// Room invitations from one user to another per day: each one creates a notification.
pub const INVITATIONS_PER_DAY: i64 = 20;
/// Users added to a room in one request.
pub const MEMBERS_PER_ADD: usize = 100;
/// Members of a direct or group room.
pub const DIRECT_MEMBERS: usize = 20;
/// Rooms that new users join besides the Lobby.
pub const DEFAULT_ROOMS: usize = 20;
/// How many seconds a room can be muted.
pub const MUTE_SECONDS: i64 = 366 * 24 * 60 * 60;
/// How many seconds a room invitation can be valid.
pub const ROOM_INVITATION_SECONDS: std::ops::RangeInclusive<i64> = 60..=30 * 24 * 60 * 60;
/// How many seconds a room invitation is valid by default.
pub const ROOM_INVITATION_DEFAULT: i64 = 7 * 24 * 60 * 60;
/// Bytes in a client id.
pub const CLIENT_ID_BYTES: usize = 64;
/// Default page size.
pub const PAGE_DEFAULT: u32 = 50;
/// Maximum page size.
pub const PAGE_MAX: u32 = 200;
/// Bytes in a request body: the longest message, escaped, fits several times.
pub const BODY_BYTES: usize = 256 * 1024;
/// Bytes in a WebSocket frame from a client.
pub const FRAME_BYTES: usize = 128 * 1024;
/// Seconds a long poll may wait.
pub const POLL_SECONDS: u64 = 60;
/// Bytes in the part of an address before the `@` (RFC 5321, 4.5.3.1.1).
pub const LOCAL_PART_BYTES: usize = 64;
/// Characters in each label of a host name (RFC 1035, 2.3.4).
pub const HOST_LABEL_CHARS: usize = 63;
/// Characters in one emoji: enough for a family in which each person has a skin tone.
pub const EMOJI_CHARS: usize = 16;
/// How many seconds a status can last, if it expires at all.
pub const STATUS_SECONDS: std::ops::RangeInclusive<i64> = 1..=366 * 24 * 60 * 60;

/// Validates and normalises a registration; an empty optional field of a form counts as omitted.
pub fn register(mut command: Register) -> Result<Register> {
    let mut errors = Vec::new();
    match username(&command.username) {
        Ok(name) => command.username = name,
        Err(error) => errors.push(error),
    }
    if let Err(error) = new_password("password", &command.password) {
        errors.push(error);
    }
    command.email = command.email.filter(|e| !e.trim().is_empty());
    if let Some(address) = &command.email {
        match credentials::email(address) {
            Ok(address) => command.email = Some(address),
            Err(error) => errors.push(error),
        }
    }
    // What cannot be a code stays as it is, and is refused as one that is not valid.
    command.invitation =
        command.invitation.filter(|text| !text.trim().is_empty()).map(|text| code(&text).unwrap_or(text));
    command.display_name = command.display_name.filter(|n| !n.trim().is_empty());
    if let Some(name) = &command.display_name {
        match single_line("display_name", "Display name", name, 1, DISPLAY_NAME_CHARS) {
            Ok(name) => command.display_name = Some(name),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(command) } else { Err(Error::invalid(errors)) }
}

/// Validates the text of a user search.
pub fn user_query(text: &str) -> Result<String> {
    let text = text.trim();
    check_length("query", "Search", text, 0, USER_QUERY_CHARS)?;
    if text.contains(char::is_control) {
        return Err(FieldError::new("query", "invalid", "Search can't contain control characters.").into());
    }
    Ok(text.to_owned())
}

/// Validates and normalises the name of a session or an access token.
pub fn label(text: &str, min: usize) -> Result<String> {
    Ok(single_line("label", "Name", text, min, LABEL_CHARS)?)
}

/// Validates the users to add to a room, without duplicates.
pub fn add_members(command: AddMembers) -> Result<Vec<UserId>> {
    let mut users = command.user_ids;
    users.sort_unstable();
    users.dedup();
    match users.len() {
        0 => Err(FieldError::new("user_ids", "required", "Add at least one person.").into()),
        1..=MEMBERS_PER_ADD => Ok(users),
        _ => {
            let message = format!("You can add at most {MEMBERS_PER_ADD} people at once.");
            Err(FieldError::new("user_ids", "too_long", message).into())
        }
    }
}

/// Validates messages to mark as unread: at most one for each room that a user may be in.
pub fn restore_unread(command: RestoreUnread) -> Result<Vec<MessageId>> {
    if command.message_ids.len() <= ROOMS_PER_USER {
        return Ok(command.message_ids);
    }
    let message = format!("You can mark at most {ROOMS_PER_USER} messages unread at once.");
    Err(FieldError::new("message_ids", "too_long", message).into())
}

/// Validates how many seconds a room invitation is valid.
pub fn room_invitation(command: &InviteToRoom) -> Result<i64> {
    let seconds = command.expires_in.unwrap_or(ROOM_INVITATION_DEFAULT);
    let range = ROOM_INVITATION_SECONDS;
    if range.contains(&seconds) {
        return Ok(seconds);
    }
    let message = format!("Must be between {} and {} seconds.", range.start(), range.end());
    Err(FieldError::new("expires_in", "invalid", message).into())
}

/// Validates a client id.
pub fn client_id(field: &str, id: &ClientId) -> Result<()> {
    if id.0.is_empty() {
        return Err(FieldError::new(field, "required", "Must not be empty.").into());
    }
    if id.0.len() > CLIENT_ID_BYTES {
        let message = format!("Must be at most {CLIENT_ID_BYTES} characters.");
        return Err(FieldError::new(field, "too_long", message).into());
    }
    if !id.0.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(FieldError::new(field, "invalid", "Use only visible ASCII characters.").into());
    }
    Ok(())
}

/// Validates a page size.
pub fn page_size(limit: Option<u32>) -> Result<u32> {
    match limit {
        None => Ok(PAGE_DEFAULT),
        Some(limit @ 1..=PAGE_MAX) => Ok(limit),
        Some(_) => Err(FieldError::new("limit", "invalid", format!("Must be between 1 and {PAGE_MAX}.")).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_reports_all_field_errors_at_once() {
        let command = Register {
            username: "a".into(),
            email: Some("nowhere".into()),
            password: "short".into(),
            display_name: Some(" ".into()),
            setup_code: None,
            invitation: None,
        };
        let error = register(command).unwrap_err();
        let fields: Vec<_> = error.errors.iter().map(|e| (e.field.as_str(), e.code.as_str())).collect();
        assert_eq!(fields, [("username", "too_short"), ("password", "too_short"), ("email", "invalid")]);
    }
}
