//! Usernames: which characters they can have, and which names nobody can take.

use super::{
    USERNAME_CHARS, lookalike_key, name_key,
    text::{category, is_mark, single_line},
};
use crate::error::FieldError;
use icu_properties::{
    CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory},
};
use unicode_security::MixedScript;

/// What messages, menus and mentions of groups are addressed by, and the product: as a username each would mislead.
const RESERVED: [&str; 12] =
    ["all", "channel", "everybody", "everyone", "here", "lair", "lairchat", "lobby", "me", "online", "room", "system"];
/// Those whom people trust with their passwords. The first account, which administrates the server, can be one of them.
const OFFICES: [&str; 13] = [
    "admin",
    "administrator",
    "helpdesk",
    "moderator",
    "noreply",
    "official",
    "operator",
    "postmaster",
    "root",
    "security",
    "staff",
    "support",
    "webmaster",
];

/// Validates a username and returns it as it is stored: accents are composed with their letters, however they were
/// typed.
pub fn username(text: &str) -> Result<String, FieldError> {
    let text = &name_key::compose(text);
    let name = single_line("username", "Username", text, *USERNAME_CHARS.start(), *USERNAME_CHARS.end())?;
    let fits =
        name.chars().all(|c| is_of_word(c) || matches!(c, '.' | '_' | '-')) && name.starts_with(char::is_alphanumeric);
    if !fits {
        let message = "Use only letters, numbers, '.', '_' and '-', and start with a letter or number.";
        return Err(FieldError::new("username", "invalid", message));
    }
    // Unicode Technical Standard 39, 5.1: scripts that are used together, as in Japanese, count as one.
    if !name.is_single_script() {
        return Err(FieldError::new("username", "mixed_scripts", "Use letters from one alphabet only."));
    }
    if looks_like_one_of(&name, &RESERVED) {
        return Err(reserved_username());
    }
    Ok(name)
}

/// Whether a letter, a digit, or a mark that is part of the letter before it: the tone marks of Thai, the viramas of
/// India (Unicode Standard Annex 31, `XID_Continue`), without those that have no glyph.
pub fn is_of_word(c: char) -> bool {
    let is_part = || is_mark(c) && category(c) != GeneralCategory::EnclosingMark;
    c.is_alphanumeric() || is_part() && !CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether a name looks like that of an office, such as the administrator's.
pub fn is_office(name: &str) -> bool {
    looks_like_one_of(name, &OFFICES)
}

/// The error for a name that nobody can take.
pub fn reserved_username() -> FieldError {
    FieldError::new("username", "reserved", "That username is reserved. Choose another one.")
}

fn looks_like_one_of(name: &str, words: &[&str]) -> bool {
    let key = |name: &str| lookalike_key(name).replace(['.', '_', '-'], "");
    let name = key(name);
    // A capital I looks like another letter than its small one.
    words.iter().any(|word| key(word) == name || key(&word.to_uppercase()) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_allow_any_script_but_reject_lookalikes() {
        for good in [
            "ada",
            "Mara.Okafor",
            "日本語",
            "みどりの木カフェ",
            "김철수",
            "ада.77",
            "tomás_núñez",
            "7of9",
            "เพื่อน",
            "ເພື່ອນ",
            "తెలుగు",
            "বন্ধু",
            "മലയാളം",
            "ශ්රී",
            "မြန်မာ",
            "ខ្មែរ",
            "प्रिया",
            "ਸਿੰਘ",
            "عَلِيّ",
            "Nguyễn",
            "ጓደኛ",
            "მეგობარი",
        ] {
            assert_eq!(username(good).as_deref(), Ok(name_key::compose(good).as_str()), "{good}");
        }
        assert_eq!(username("toma\u{301}s").unwrap(), "tomás");
        for bad in [
            "",
            "a",
            " ",
            "ada lovelace",
            "-ada",
            "ada\u{202E}",
            "ada\u{3164}",
            "a@b",
            "<b>",
            "\u{e31}ada",
            "ada\u{fe0f}",
            "ada\u{34f}",
            "ada\u{20dd}",
            "علی\u{200c}رضا",
            "ශ්\u{200d}රී",
            &format!("a{}", "\u{336}".repeat(5)),
            &"x".repeat(33),
        ] {
            assert!(username(bad).is_err(), "{bad:?}");
        }
        // The first letter is Cyrillic, the last Greek.
        for alike in ["\u{430}da", "ad\u{3b1}"] {
            assert_eq!(username(alike).unwrap_err().code, "mixed_scripts", "{alike:?}");
        }
    }

    #[test]
    fn reserved_names_cannot_be_taken_in_disguise() {
        for bad in ["system", "Everyone", "he-re", "a.l.l", "l0bby", "Lair", "LAIR", "aII", "ONLINE"] {
            assert_eq!(username(bad).err().map(|error| error.code).as_deref(), Some("reserved"), "{bad}");
        }
        for office in ["admin", "ADMIN", "admın", "ɑdmin", "ad_min", "supp0rt", "m0derator"] {
            assert!(is_office(office), "{office}");
            username(office).unwrap();
        }
        for free in ["ada", "hereward", "allan", "adminka", "rooms", "systema"] {
            assert!(username(free).is_ok() && !is_office(free), "{free}");
        }
    }
}
