//! Limits on passwords, email addresses and invitations.

use super::{EMAIL_CHARS, PASSWORD_CHARS, check_length, single_line};
use crate::{
    command::{Invite, SetEmail},
    error::{Error, FieldError, Result},
    user::Role,
};
use std::ops::RangeInclusive;

/// How many accounts can be created with one invitation.
pub const INVITATION_USES: RangeInclusive<u32> = 1..=1_000;
/// How many days an invitation can be valid.
pub const INVITATION_DAYS: RangeInclusive<u32> = 1..=365;
/// Characters in the code of a link.
pub const CODE_CHARS: usize = 64;
/// Characters in the local part of an address, and in each label of its host name (RFC 5321, 4.5.3.1; RFC 1035).
const PART_CHARS: usize = 63;

/// Validates an email address: only one that needs no quoting, so that it means the same in every header.
pub fn email(text: &str) -> Result<String, FieldError> {
    let text = single_line("email", "Email", text, 3, EMAIL_CHARS)?;
    let (local, host) = text.rsplit_once('@').unwrap_or_default();
    let fits = |part: &str| (1..=PART_CHARS).contains(&part.chars().count());
    let of_local = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let of_host = |c: char| c.is_alphanumeric() || c == '-';
    let good_local = local.len() <= PART_CHARS && local.split('.').all(|part| fits(part) && part.chars().all(of_local));
    let good_host = host
        .split('.')
        .all(|part| fits(part) && part.chars().all(of_host) && !part.starts_with('-') && !part.ends_with('-'));
    if good_local && good_host {
        Ok(text)
    } else {
        Err(FieldError::new("email", "invalid", "Enter a valid email address."))
    }
}

/// Validates the length of a new password; its strength is checked by the server.
pub fn new_password(field: &str, text: &str) -> Result<(), FieldError> {
    check_length(field, "Password", text, *PASSWORD_CHARS.start(), *PASSWORD_CHARS.end())
}

/// Validates and normalises a new address; an empty one counts as none.
pub fn set_email(mut command: SetEmail) -> Result<SetEmail> {
    command.email = command.email.filter(|address| !address.trim().is_empty());
    command.email = command.email.as_deref().map(email).transpose()?;
    Ok(command)
}

/// Whether a text can be the code of a link.
pub fn code(text: &str) -> bool {
    text.len() == CODE_CHARS && text.bytes().all(|b| b.is_ascii_hexdigit())
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
    use super::email;

    #[test]
    fn emails_that_could_inject_headers_are_rejected() {
        for good in ["ada@example.org", "a+b.c@x", "jörg@bücher.example", "o'hara@sub.example.co.uk", "x_1@example"] {
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
            &format!("{}@example.org", "x".repeat(64)),
        ] {
            assert!(email(bad).is_err(), "{bad:?}");
        }
    }
}
