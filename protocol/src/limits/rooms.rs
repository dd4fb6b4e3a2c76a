//! Limits on rooms: their texts and settings, and the reasons of bans and mutes.

use super::{DESCRIPTION_CHARS, ROOM_NAME_CHARS, TOPIC_CHARS, emoji, multi_line, single_line};
use crate::{
    command::{CreateRoom, RestrictMember, UpdateRoom, UpdateRoomSettings},
    error::{Error, FieldError, Result},
    room::RoomKind,
    time::Time,
};
use std::ops::RangeInclusive;

/// How many members a room can be limited to.
pub const MEMBER_LIMIT: RangeInclusive<i64> = 2..=1_000_000;
/// How many seconds members can have to wait between two messages, at most six hours; 0 for none.
pub const SLOW_MODE_SECONDS: RangeInclusive<i64> = 0..=6 * 60 * 60;
/// How many days messages can be kept.
pub const RETENTION_DAYS: RangeInclusive<i64> = 1..=36_500;
/// Characters in the reason of a ban or mute.
pub const REASON_CHARS: usize = 500;

/// Collects the errors of several fields.
#[derive(Default)]
struct Errors(Vec<FieldError>);

impl Errors {
    fn take<T>(&mut self, result: Result<T, FieldError>) -> Option<T> {
        result.map_err(|error| self.0.push(error)).ok()
    }

    fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::invalid(self.0)) }
    }

    fn settings(&mut self, settings: UpdateRoomSettings) -> UpdateRoomSettings {
        for (field, value, range) in [
            ("settings.member_limit", settings.member_limit.flatten(), MEMBER_LIMIT),
            ("settings.slow_mode_seconds", settings.slow_mode_seconds, SLOW_MODE_SECONDS),
            ("settings.retention_days", settings.retention_days.flatten(), RETENTION_DAYS),
        ] {
            if value.is_some_and(|value| !range.contains(&value)) {
                let message = format!("Must be between {} and {}.", range.start(), range.end());
                self.0.push(FieldError::new(field, "invalid", message));
            }
        }
        settings
    }
}

fn name(text: &str) -> Result<String, FieldError> {
    single_line("name", "Name", text, 1, ROOM_NAME_CHARS)
}

fn topic(text: &str) -> Result<String, FieldError> {
    single_line("topic", "Topic", text, 0, TOPIC_CHARS)
}

fn description(text: &str) -> Result<String, FieldError> {
    multi_line("description", "Description", text, DESCRIPTION_CHARS)
}

fn optional_emoji(text: &str) -> Result<String, FieldError> {
    let text = text.trim();
    if text.is_empty() { Ok(String::new()) } else { emoji(text) }
}

fn kind(kind: RoomKind) -> Result<RoomKind, FieldError> {
    match kind {
        RoomKind::Channel | RoomKind::Announcement => Ok(kind),
        RoomKind::Group | RoomKind::Direct => {
            Err(FieldError::new("kind", "invalid", "Choose a channel or an announcement room."))
        }
    }
}

/// Validates and normalises the fields of a new room.
pub fn create_room(command: &CreateRoom) -> Result<CreateRoom> {
    let mut errors = Errors::default();
    let room = CreateRoom {
        name: errors.take(name(&command.name)).unwrap_or_default(),
        kind: errors.take(kind(command.kind)).unwrap_or_default(),
        visibility: command.visibility,
        topic: errors.take(topic(&command.topic)).unwrap_or_default(),
        description: errors.take(description(&command.description)).unwrap_or_default(),
        emoji: errors.take(optional_emoji(&command.emoji)).unwrap_or_default(),
        settings: errors.settings(command.settings.clone()),
    };
    errors.finish().map(|()| room)
}

/// Validates and normalises the changes of a room.
pub fn update_room(command: UpdateRoom) -> Result<UpdateRoom> {
    let mut errors = Errors::default();
    let room = UpdateRoom {
        name: command.name.and_then(|text| errors.take(name(&text))),
        topic: command.topic.and_then(|text| errors.take(topic(&text))),
        description: command.description.and_then(|text| errors.take(description(&text))),
        emoji: command.emoji.and_then(|text| errors.take(optional_emoji(&text))),
        visibility: command.visibility,
        settings: errors.settings(command.settings),
    };
    errors.finish().map(|()| room)
}

/// Validates and normalises the reason and the end of a ban or mute.
pub fn restrict_member(command: RestrictMember, now: Time) -> Result<RestrictMember> {
    let mut errors = Errors::default();
    let reason = command.reason.unwrap_or_default();
    let reason = errors.take(multi_line("reason", "Reason", &reason, REASON_CHARS));
    if command.until.is_some_and(|until| until <= now) {
        errors.0.push(FieldError::new("until", "invalid", "Choose a time in the future."));
    }
    errors.finish().map(|()| RestrictMember { reason, until: command.until })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_field_of_a_room_is_named() {
        let settings = UpdateRoomSettings {
            member_limit: Some(Some(1)),
            slow_mode_seconds: Some(-1),
            retention_days: Some(Some(0)),
            ..UpdateRoomSettings::default()
        };
        let update = UpdateRoom {
            name: Some(" ".into()),
            topic: Some("x".repeat(TOPIC_CHARS + 1)),
            description: Some("a\0b".into()),
            emoji: Some("x".into()),
            visibility: None,
            settings: settings.clone(),
        };
        let fields = |error: Error| error.errors.into_iter().map(|error| error.field).collect::<Vec<_>>();
        let of_settings = ["settings.member_limit", "settings.slow_mode_seconds", "settings.retention_days"];
        let expected: Vec<_> = ["name", "topic", "description", "emoji"].into_iter().chain(of_settings).collect();
        assert_eq!(fields(update_room(update).unwrap_err()), expected);
        let create = CreateRoom { name: "den".into(), kind: RoomKind::Direct, settings, ..CreateRoom::default() };
        let expected: Vec<_> = std::iter::once("kind").chain(of_settings).collect();
        assert_eq!(fields(create_room(&create).unwrap_err()), expected);
    }

    #[test]
    fn a_restriction_ends_in_the_future() {
        let now = Time(1_000);
        let until = |time| RestrictMember { reason: None, until: Some(Time(time)) };
        assert!(restrict_member(until(1_001), now).is_ok());
        assert_eq!(restrict_member(until(1_000), now).unwrap_err().errors[0].field, "until");
        let command = RestrictMember { reason: Some("x".repeat(REASON_CHARS + 1)), until: None };
        assert_eq!(restrict_member(command, now).unwrap_err().errors[0].field, "reason");
    }
}
