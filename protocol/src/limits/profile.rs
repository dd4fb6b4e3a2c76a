//! Limits on profiles and statuses.

use super::{
    DISPLAY_NAME_CHARS, EMOJI_CHARS, STATUS_SECONDS,
    characters::{EMOJI_BASES, EMOJI_PARTS, PICTOGRAPHS, is_in},
    multi_line, single_line,
};
use crate::{
    command::{SetStatus, UpdateProfile},
    error::{Code, Error, FieldError, Result},
    profile::AVATAR_SIZES,
    time::Time,
    user::Status,
};

/// Characters in a bio.
pub const BIO_CHARS: usize = 500;
/// Characters in pronouns.
pub const PRONOUNS_CHARS: usize = 40;
/// Characters in the text of a status.
pub const STATUS_CHARS: usize = 100;
/// Characters in the name of a time zone; the longest has 32.
pub const TIME_ZONE_CHARS: usize = 64;
/// Characters in a language tag (RFC 5646, 4.4.1).
pub const LANGUAGE_CHARS: usize = 35;
/// Bytes in an avatar file.
pub const AVATAR_BYTES: usize = 5 * 1024 * 1024;

/// Validates the size of an avatar file, in bytes.
pub fn avatar(bytes: usize) -> Result<()> {
    match bytes {
        0 => Err(FieldError::new("file", "required", "Choose an image.").into()),
        1..=AVATAR_BYTES => Ok(()),
        _ => Err(Error::new(Code::TooLarge, "Images can be at most 5 MB. Choose a smaller one.")),
    }
}

/// Validates the requested size of an avatar, in pixels.
pub fn avatar_size(size: Option<u32>) -> Result<u32> {
    match size {
        None => Ok(AVATAR_SIZES[0]),
        Some(size) if AVATAR_SIZES.contains(&size) => Ok(size),
        Some(_) => Err(FieldError::new("size", "invalid", "Must be 64, 128 or 512.").into()),
    }
}

/// Validates and normalises a profile update. Whether the time zone exists is checked by the server, which knows them
/// all.
pub fn update_profile(command: UpdateProfile, now: Time) -> Result<UpdateProfile> {
    let mut errors = Vec::new();
    let mut collect = |result: Result<String, FieldError>| result.map_err(|error| errors.push(error)).ok();
    let name = |text: String| single_line("display_name", "Display name", &text, 1, DISPLAY_NAME_CHARS);
    let display_name = command.display_name.and_then(|text| collect(name(text)));
    let bio = command.bio.and_then(|text| collect(multi_line("bio", "Bio", &text, BIO_CHARS)));
    let pronouns = |text: String| single_line("pronouns", "Pronouns", &text, 0, PRONOUNS_CHARS);
    let pronouns = command.pronouns.and_then(|text| collect(pronouns(text)));
    let given = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let time_zone = command.time_zone.map(|name| given(name).and_then(|name| collect(time_zone(name))));
    let language = command.language.map(|tag| given(tag).and_then(|tag| collect(language(tag))));
    let status = command.status.map(|status| match set_status(status.unwrap_or_default(), now) {
        Ok(status) => status.map(Into::into),
        Err(error) => {
            errors.extend(
                error.errors.into_iter().map(|error| FieldError { field: format!("status.{}", error.field), ..error }),
            );
            None
        }
    });
    if errors.is_empty() {
        Ok(UpdateProfile { display_name, bio, pronouns, time_zone, language, status })
    } else {
        Err(Error::invalid(errors))
    }
}

/// Validates and normalises a status; `None` if it is empty.
pub fn set_status(command: SetStatus, now: Time) -> Result<Option<Status>> {
    let given = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
    let emoji = given(command.emoji).map(|text| emoji(text.trim())).transpose();
    let text = given(command.text).map(|text| single_line("text", "Status", &text, 0, STATUS_CHARS)).transpose();
    let expires_at = match (command.expires_at, command.expires_in) {
        (Some(_), Some(_)) => Err(FieldError::new("expires_in", "invalid", "Set expires_at or expires_in, not both.")),
        (Some(at), None) => expiry("expires_at", at, now).map(Some),
        (None, Some(seconds)) => {
            expiry("expires_in", Time(now.0.saturating_add(seconds.saturating_mul(1000))), now).map(Some)
        }
        (None, None) => Ok(None),
    };
    match (emoji, text, expires_at) {
        (Ok(None), Ok(None), Ok(_)) => Ok(None),
        (Ok(emoji), Ok(text), Ok(expires_at)) => Ok(Some(Status { emoji, text, expires_at })),
        (emoji, text, expires_at) => {
            Err(Error::invalid([emoji.err(), text.err(), expires_at.err()].into_iter().flatten().collect()))
        }
    }
}

/// Validates one emoji.
pub fn emoji(text: &str) -> Result<String, FieldError> {
    let base = |c| is_in(PICTOGRAPHS, c) || is_in(EMOJI_BASES, c);
    let fits = text.chars().all(|c| base(c) || is_in(EMOJI_PARTS, c)) && text.chars().any(base);
    if fits && text.chars().count() <= EMOJI_CHARS {
        Ok(text.to_owned())
    } else {
        Err(FieldError::new("emoji", "invalid", "Choose a single emoji."))
    }
}

fn expiry(field: &str, at: Time, now: Time) -> Result<Time, FieldError> {
    if at <= now {
        Err(FieldError::new(field, "invalid", "Choose a time in the future."))
    } else if at > now.plus(*STATUS_SECONDS.end() * 1000) {
        Err(FieldError::new(field, "invalid", "A status can last for at most a year."))
    } else {
        Ok(at)
    }
}

fn time_zone(name: String) -> Result<String, FieldError> {
    let fits = name.len() <= TIME_ZONE_CHARS
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_' | b'-' | b'+'));
    if fits { Ok(name) } else { Err(unknown_time_zone()) }
}

/// The error for an unknown time zone.
pub fn unknown_time_zone() -> FieldError {
    FieldError::new("time_zone", "invalid", "Unknown time zone. Use an IANA name such as Europe/Berlin.")
}

fn language(tag: String) -> Result<String, FieldError> {
    let mut parts = tag.split('-');
    let first =
        parts.next().is_some_and(|part| matches!(part.len(), 2..=3) && part.bytes().all(|b| b.is_ascii_alphabetic()));
    let rest = parts.all(|part| matches!(part.len(), 1..=8) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if first && rest && tag.len() <= LANGUAGE_CHARS {
        Ok(tag)
    } else {
        Err(FieldError::new("language", "invalid", "Unknown language. Use a tag such as en or de-AT."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_800_000_000_000);

    fn errors_of(command: UpdateProfile) -> Vec<(String, String)> {
        let errors = update_profile(command, NOW).unwrap_err().errors;
        errors.into_iter().map(|error| (error.field, error.code)).collect()
    }

    #[test]
    fn given_fields_are_normalised_and_others_left_unchanged() {
        let text = |text: &str| Some(text.to_owned());
        let command = UpdateProfile {
            display_name: text(" Ada "),
            bio: text("one\r\ntwo\n"),
            time_zone: Some(text(" Europe/Berlin ")),
            language: Some(text("")),
            ..UpdateProfile::default()
        };
        let tidy = update_profile(command, NOW).unwrap();
        assert_eq!((tidy.display_name, tidy.bio, tidy.pronouns), (text("Ada"), text("one\ntwo"), None));
        assert_eq!((tidy.time_zone, tidy.language), (Some(text("Europe/Berlin")), Some(None)));
    }

    #[test]
    fn all_field_errors_are_reported_at_once() {
        let text = |text: &str| Some(text.to_owned());
        let status = SetStatus { emoji: text("x"), text: text("\u{202E}"), expires_at: Some(NOW), expires_in: None };
        let command = UpdateProfile {
            display_name: text(" "),
            bio: text("\u{7}"),
            pronouns: text(&"x".repeat(41)),
            time_zone: Some(text("../etc/passwd")),
            language: Some(text("english please")),
            status: Some(Some(status)),
        };
        let fields = [
            "display_name",
            "bio",
            "pronouns",
            "time_zone",
            "language",
            "status.emoji",
            "status.text",
            "status.expires_at",
        ];
        assert_eq!(errors_of(command).into_iter().map(|(field, _)| field).collect::<Vec<_>>(), fields);
    }

    #[test]
    fn only_single_emoji_are_accepted() {
        for good in ["🔥", "👩🏽‍💻", "🏳️‍🌈", "1️⃣", "☕", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇦🇹", "©"]
        {
            assert_eq!(emoji(good).as_deref(), Ok(good));
        }
        for bad in ["x", "12", "<b>", "🔥 hot", "\u{200D}", "\u{202E}🔥", &"🔥".repeat(17)] {
            assert!(emoji(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn only_language_tags_are_accepted() {
        for good in ["en", "de-AT", "zh-Hant-TW", "gsw"] {
            assert!(language(good.into()).is_ok(), "{good}");
        }
        for bad in ["e", "english", "en_GB", "en-", "-en", "de--AT", "en-\u{202E}", "12"] {
            assert!(language(bad.into()).is_err(), "{bad}");
        }
    }
}
