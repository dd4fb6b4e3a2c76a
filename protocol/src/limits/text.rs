//! Limits on the length and the characters of texts.

use super::{
    characters::{JOINERS, is_invisible},
    joiners, line_feeds,
    messages::is_blank,
};
use crate::error::FieldError;
use icu_properties::{
    CodePointMapData,
    props::{CanonicalCombiningClass, GeneralCategory},
};

/// Accents on one letter (Unicode Technical Standard 39, 5.4): more of them are drawn over the lines above and below.
const MAX_ACCENTS: usize = 4;

pub fn check_length(field: &str, what: &str, text: &str, min: usize, max: usize) -> Result<(), FieldError> {
    let count = text.chars().count();
    if count == 0 && min > 0 {
        Err(FieldError::new(field, "required", format!("{what} is required.")))
    } else if count < min {
        Err(FieldError::new(field, "too_short", format!("{what} must be at least {min} characters.")))
    } else if count > max {
        let message = format!("{what} must be at most {max} characters. This has {count}.");
        Err(FieldError::new(field, "too_long", message))
    } else {
        Ok(())
    }
}

/// Validates text that is shown on one line: trims it, and rejects what could forge another text (control and invisible
/// characters, except joiners in their places) or spoil what is around it (accents without a letter, or too many).
pub fn single_line(field: &str, what: &str, text: &str, min: usize, max: usize) -> Result<String, FieldError> {
    let text = text.trim();
    check_length(field, what, text, min, max)?;
    let invalid = |message: String| Err(FieldError::new(field, "invalid", message));
    if text.contains(['\n', '\r']) {
        return invalid(format!("{what} must be on one line."));
    }
    let chars: Vec<char> = text.chars().collect();
    let is_hidden = |(at, c): (usize, &char)| c.is_control() || is_invisible(*c) && !joiners::is_in_place(&chars, at);
    if chars.iter().enumerate().any(is_hidden) {
        return invalid(format!("{what} can't contain control or invisible characters."));
    }
    if min > 0 && is_blank(text) {
        return Err(FieldError::new(field, "required", format!("{what} is required.")));
    }
    if chars.first().is_some_and(|c| is_mark(*c)) {
        return invalid(format!("{what} can't begin with an accent."));
    }
    if chars.split(|c| !is_accent(*c)).any(|accents| accents.len() > MAX_ACCENTS) {
        return invalid(format!("{what} can have at most {MAX_ACCENTS} accents on a letter."));
    }
    Ok(text.to_owned())
}

/// Validates text with several lines. Joiners are allowed anywhere in it: it forges no name.
pub fn multi_line(field: &str, what: &str, text: &str, max: usize) -> Result<String, FieldError> {
    let text = line_feeds(text.trim().to_owned());
    check_length(field, what, &text, 0, max)?;
    let is_hidden = |c: char| c.is_control() && !matches!(c, '\n' | '\t') || is_invisible(c) && !JOINERS.contains(&c);
    let chars: Vec<char> = text.chars().collect();
    if chars.iter().enumerate().any(|(at, c)| is_hidden(*c) && !joiners::is_in_place(&chars, at)) {
        let message = format!("{what} can't contain control or invisible characters.");
        return Err(FieldError::new(field, "invalid", message));
    }
    Ok(text)
}

/// Whether a character is written on the letter before it: accents, vowel signs and tone marks of many scripts.
pub fn is_mark(c: char) -> bool {
    use GeneralCategory::{EnclosingMark, NonspacingMark, SpacingMark};
    matches!(category(c), NonspacingMark | SpacingMark | EnclosingMark)
}

/// Whether a mark has no place of its own, so that several are stacked: not the letters that Tibetan subjoins.
fn is_accent(c: char) -> bool {
    let class = CodePointMapData::<CanonicalCombiningClass>::new().get(c);
    is_mark(c) && class != CanonicalCombiningClass::NotReordered || category(c) == GeneralCategory::EnclosingMark
}

pub fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        single_line("name", "Name", text, 1, 80).map_or_else(|error| error.code, |_| "fine".into())
    }

    #[test]
    fn a_line_has_joiners_where_they_are_part_of_the_spelling() {
        for good in ["علی\u{200c}رضا", "ශ්\u{200d}රී", "Kim 🏳️\u{200d}⚧️", "The 👨\u{200d}👩\u{200d}👧", "রাম র\u{200d}্যাব"]
        {
            assert_eq!(code(good), "fine", "{good}");
        }
        for bad in ["a\u{200d}b", "\u{200c}", "علی\u{200c}", "🔥\u{200d}", "x\u{200b}y", "a\u{202e}b", "a\0b", "a\nb"]
        {
            assert_eq!(code(bad), "invalid", "{bad:?}");
        }
    }

    #[test]
    fn accents_need_a_letter_and_are_few() {
        for good in ["nha\u{302}\u{301}t", "שָׁ֑לוֹם", "ཧྐྵྨླྺྼྻྂ", "1\u{fe0f}\u{20e3}", "เพื่อน"]
        {
            assert_eq!(code(good), "fine", "{good}");
        }
        for bad in ["\u{301}", &"\u{301}".repeat(80), &format!("a{}", "\u{301}".repeat(5)), "\u{e31}x"] {
            assert_eq!(code(bad), "invalid", "{bad:?}");
        }
        assert_eq!(code("\u{fe0f}"), "required");
        assert_eq!(code("\u{1d173}"), "required");
    }

    #[test]
    fn several_lines_have_line_breaks_and_tabs_but_nothing_hidden() {
        let check = |text| multi_line("bio", "Bio", text, 100);
        assert_eq!(check(" one\r\n\ttwo\rthree ").unwrap(), "one\n\ttwo\nthree");
        assert!(check("🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} علی\u{200c}رضا").is_ok());
        for bad in ["a\0b", "a\u{7}b", "a\u{202e}b", "a\u{2066}b", "a\u{200f}b", "a\u{feff}b", "a\u{e0067}"] {
            assert_eq!(check(bad).unwrap_err().code, "invalid", "{bad:?}");
        }
    }
}
