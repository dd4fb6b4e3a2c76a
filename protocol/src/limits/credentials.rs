//! Limits on passwords, email addresses and invitations.

use super::{
    EMAIL_CHARS, HOST_LABEL_CHARS, LOCAL_PART_BYTES, PASSWORD_CHARS, characters::is_invisible, check_length, name_key,
    single_line, text::category, username::is_of_word,
};
use crate::{
    command::{Invite, SetEmail},
    error::{Error, FieldError, Result},
    user::Role,
};
use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::GeneralCategory;
use std::ops::RangeInclusive;

/// How many accounts can be created with one invitation.
pub const INVITATION_USES: RangeInclusive<u32> = 1..=1_000;
/// How many days an invitation can be valid.
pub const INVITATION_DAYS: RangeInclusive<u32> = 1..=365;
/// Characters in the code of a link.
pub const CODE_CHARS: usize = 64;

/// Validates an email address: only one that needs no quoting, so that it means the same in every header.
pub fn email(text: &str) -> Result<String, FieldError> {
    let text = single_line("email", "Email", text, 3, EMAIL_CHARS)?;
    let (local, host) = text.rsplit_once('@').unwrap_or_default();
    let of_local = |c: char| is_of_word(c) || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let of_host = |c: char| is_of_word(c) || c == '-';
    let good_local =
        local.len() <= LOCAL_PART_BYTES && local.split('.').all(|part| !part.is_empty() && part.chars().all(of_local));
    let good_label =
        |label: &str| (1..=HOST_LABEL_CHARS).contains(&label.chars().count()) && label.chars().all(of_host);
    let good_host = host.split('.').all(|label| good_label(label) && !label.starts_with('-') && !label.ends_with('-'));
    if good_local && good_host {
        Ok(text)
    } else {
        Err(FieldError::new("email", "invalid", "Enter a valid email address."))
    }
}

/// Validates the length of a new password; its strength is checked by the server.
pub fn new_password(field: &str, text: &str) -> Result<(), FieldError> {
    check_length(field, "Password", &password(text), *PASSWORD_CHARS.start(), *PASSWORD_CHARS.end())
}

/// A password as it is hashed: the same however a keyboard encodes its accents, syllables and spaces (RFC 8265, 4.2.2).
pub fn password(text: &str) -> String {
    let is_space = |c: char| category(c) == GeneralCategory::SpaceSeparator;
    name_key::compose(&text.replace(is_space, " "))
}

/// A code as it is compared, of what people type or copy: without spacing, dashes and invisible characters, in the
/// letters and digits of ASCII, however wide and in whichever digits it is written.
pub fn typed_code(text: &str) -> String {
    const NFKC: ComposingNormalizerBorrowed = ComposingNormalizerBorrowed::new_nfkc();
    /// Several times the longest code, so that no more is read.
    const MAX_CHARS: usize = 4 * CODE_CHARS;
    let text: String = text.chars().take(MAX_CHARS).collect();
    let text = NFKC.normalize(&text);
    let is_spacing = |c: char| c.is_whitespace() || is_dash(c) || is_invisible(c);
    text.chars().filter(|c| !is_spacing(*c)).map(|c| decimal_digit(c).unwrap_or(c)).collect()
}

/// Dashes, and what is in their place on keyboards: a minus sign, the long vowel of kana.
fn is_dash(c: char) -> bool {
    category(c) == GeneralCategory::DashPunctuation || matches!(c, '\u{2212}' | '\u{30FC}')
}

/// The ASCII digit of a decimal digit in any script. The ten digits of a script follow each other.
fn decimal_digit(c: char) -> Option<char> {
    let is_digit = |c: &char| category(*c) == GeneralCategory::DecimalNumber;
    let before = |n: u32| u32::from(c).checked_sub(n).and_then(char::from_u32);
    let value = (1..=9).map_while(|n| before(n).filter(is_digit)).count();
    Some(c).filter(is_digit).and_then(|_| char::from_digit(u32::try_from(value).ok()?, 10))
}

/// Validates and normalises a new address; an empty one counts as none.
pub fn set_email(mut command: SetEmail) -> Result<SetEmail> {
    command.email = command.email.filter(|address| !address.trim().is_empty());
    command.email = command.email.as_deref().map(email).transpose()?;
    Ok(command)
}

/// The code of a link, if a text can be one.
pub fn code(text: &str) -> Option<String> {
    let code = typed_code(text).to_ascii_lowercase();
    Some(code).filter(|code| code.len() == CODE_CHARS && code.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Validates an account invitation: its role, the number of uses and the days of validity.
pub fn invite(command: &Invite) -> Result<(Role, u32, u32)> {
    let mut errors = Vec::new();
    let role = command.role.unwrap_or(Role::Member);
    if !matches!(role, Role::Member | Role::Guest) {
        errors.push(FieldError::new("role", "invalid", "Invite people as members or guests."));
    }
    let mut within = |field: &str, given: Option<u32>, usual: u32, range: RangeInclusive<u32>| {
        let number = given.unwrap_or(usual);
        if !range.contains(&number) {
            let message = format!("Must be between {} and {}.", range.start(), range.end());
            errors.push(FieldError::new(field, "invalid", message));
        }
        number
    };
    let uses = within("max_uses", command.max_uses, 1, INVITATION_USES);
    let days = within("days", command.days, 7, INVITATION_DAYS);
    if errors.is_empty() { Ok((role, uses, days)) } else { Err(Error::invalid(errors)) }
}

#[cfg(test)]
mod tests {
    use super::{code, email, password, typed_code};

    #[test]
    fn emails_that_could_inject_headers_are_rejected() {
        for good in [
            "ada@example.org",
            "a+b.c@x",
            "jörg@bücher.example",
            "o'hara@sub.example.co.uk",
            "x_1@example",
            "เพื่อน@ไทย.example",
            "प्रिया@हिन्दी.example",
            &format!("{}@example.org", "x".repeat(64)),
            &format!("ada@{}.example", "x".repeat(63)),
        ] {
            assert_eq!(email(&format!(" {good} ")).unwrap(), good);
        }
        for bad in [
            "ada",
            "@example.org",
            "ada@",
            "a b@example.org",
            "\"a b\"@example.org",
            "a@b@c",
            "a,b@example.org",
            "a@example.org\r\nBcc: x@y",
            "<a@example.org>",
            "a@-example.org",
            "a@example..org",
            ".a@example.org",
            "a..b@example.org",
            "a@[127.0.0.1]",
            "a;b@example.org",
            "a@example.org>",
            "a\0@example.org",
            &format!("{}@example.org", "x".repeat(65)),
            &format!("{}@example.org", "ö".repeat(33)),
            &format!("ada@{}.example", "x".repeat(64)),
        ] {
            assert!(email(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_password_is_the_same_in_every_encoding() {
        for (one, other) in [
            ("warme Höhle été", "warme Ho\u{308}hle e\u{301}te\u{301}"),
            ("김치찌개", "\u{1100}\u{1175}\u{11b7}\u{110e}\u{1175}\u{110d}\u{1175}\u{1100}\u{1162}"),
            ("a b", "a\u{a0}b"),
            ("a b", "a\u{3000}b"),
        ] {
            assert_eq!(password(one), password(other), "{one}");
        }
        // What only looks similar, or is folded in names, is another password; and nothing is trimmed.
        for (one, other) in [("Ada", "ada"), ("ａ", "a"), ("x²", "x2"), (" a", "a")] {
            assert_ne!(password(one), password(other), "{one}");
        }
    }

    #[test]
    fn a_code_is_read_as_people_write_it() {
        for typed in [
            "722946",
            " 722 946",
            "７２２９４６",
            "722\u{2013}946",
            "７２２ー９４６",
            "٧٢٢٩٤٦",
            "۷۲۲۹۴۶",
            "७२२९४६",
            "722\u{200b}946\u{feff}",
        ] {
            assert_eq!(typed_code(typed), "722946", "{typed}");
        }
        assert_eq!(typed_code("ＡＢｃｄ－2345"), "ABcd2345");
        let hex = "0123456789abcdef".repeat(4);
        for typed in [hex.clone(), format!(" {hex}\n"), hex.to_uppercase(), hex.replace("f0", "f 0")] {
            assert_eq!(code(&typed).as_ref(), Some(&hex), "{typed}");
        }
        for bad in ["", &hex[1..], &format!("{hex}0"), &hex.replace('a', "g")] {
            assert_eq!(code(bad), None, "{bad}");
        }
    }
}
