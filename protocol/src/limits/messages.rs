//! Limits of messages.

use super::{
    MESSAGE_CHARS,
    characters::{is_in, is_invisible},
    check_length,
};
use crate::error::{Error, FieldError, Result};
use std::ops::RangeInclusive;

/// Validates a message: not blank, not too long, no NUL (which PostgreSQL cannot store).
pub fn message_body(text: &str) -> Result<()> {
    if is_blank(text) {
        return Err(blank_message());
    }
    if text.contains('\0') {
        return Err(FieldError::new("body", "invalid", "Message can't contain NUL characters.").into());
    }
    Ok(check_length("body", "Message", text, 1, MESSAGE_CHARS)?)
}

/// The error for a message that shows nothing.
pub fn blank_message() -> Error {
    FieldError::new("body", "required", "Enter a message.").into()
}

/// Whether a text shows nothing: white space, control characters and invisible ones only.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || (c.is_control() && c != '\0') || is_invisible(c) || is_in(IGNORABLE, c))
}

/// What else has no glyph of its own: variation selectors, and controls of shorthand and of musical notation.
pub const IGNORABLE: &[RangeInclusive<char>] = &[
    '\u{FE00}'..='\u{FE0F}',
    '\u{FFF0}'..='\u{FFF8}',
    '\u{1BCA0}'..='\u{1BCA3}',
    '\u{1D159}'..='\u{1D159}',
    '\u{1D173}'..='\u{1D17A}',
    '\u{E0080}'..='\u{E0FFF}',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_shows_nothing_is_refused_as_blank() {
        for blank in [
            "",
            " \n\t",
            "\u{2800}",
            "\u{200b}",
            "\u{3164}",
            "\u{a0}\u{3000}",
            "\u{feff}\u{2060}",
            "\u{1160}",
            "\u{ad}",
            "\u{fe0f}",
            "\u{e0020}\u{e0101}",
            "\u{1d173}",
            "\u{1b}\u{85}",
            "\u{200d} \u{200c}",
        ] {
            let error = message_body(blank).expect_err(blank);
            assert_eq!(
                (error.errors[0].field.as_str(), error.errors[0].code.as_str()),
                ("body", "required"),
                "{blank:?}"
            );
        }
        for shown in ["a", ".", "\u{2800}x", "❤\u{fe0f}", "\u{1f3f4}\u{e0067}\u{e007f}", "می\u{200c}خواهم", "\u{301}"]
        {
            message_body(shown).expect(shown);
        }
        assert_eq!(message_body("\0").unwrap_err().errors[0].code, "invalid");
    }
}
