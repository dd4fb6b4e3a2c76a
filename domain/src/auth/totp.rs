//! TOTP codes of an authenticator app: RFC 6238 with the usual parameters (SHA-1, six digits, 30 seconds).

use hmac::{Hmac, KeyInit, Mac};
use protocol::time::Time;
use sha1::Sha1;

/// Bytes of a secret (RFC 4226, 4: at least 16, 20 recommended).
pub const SECRET_BYTES: usize = 20;
/// Milliseconds per step.
const STEP: i64 = 30_000;
/// Tolerated clock skew in steps.
const SKEW: i64 = 1;
/// RFC 4648 alphabet, without the digits that are easily mistaken for letters.
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The step near `now` and after `last` that this code belongs to.
pub fn find_step(secret: &[u8], code: u32, now: Time, last: i64) -> Option<i64> {
    let step = now.0.div_euclid(STEP);
    (step - SKEW..=step + SKEW).rev().find(|at| *at > last && self::code(secret, *at) == Some(code))
}

/// The code of a step.
pub fn code(secret: &[u8], step: i64) -> Option<u32> {
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(secret).ok()?;
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest.last()? & 15);
    let word: [u8; 4] = digest.get(offset..offset + 4)?.try_into().ok()?;
    Some((u32::from_be_bytes(word) & 0x7fff_ffff) % 1_000_000)
}

/// Encodes bytes in base32, as authenticator apps expect.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut bits, mut bit_count) = (0_u32, 0);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        bit_count += 8;
        while bit_count >= 5 {
            bit_count -= 5;
            text.push(base32_char(bits >> bit_count));
        }
    }
    if bit_count > 0 {
        text.push(base32_char(bits << (5 - bit_count)));
    }
    text
}

fn base32_char(bits: u32) -> char {
    char::from(BASE32[(bits & 31) as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_match_rfc_6238() {
        // RFC 6238, appendix B, the last six of its eight digits.
        let secret = b"12345678901234567890";
        for (seconds, expected) in [
            (59, 287_082),
            (1_111_111_109, 81_804),
            (1_111_111_111, 50_471),
            (1_234_567_890, 5_924),
            (2_000_000_000, 279_037),
            (20_000_000_000, 353_130),
        ] {
            assert_eq!(code(secret, seconds / 30), Some(expected), "{seconds}");
        }
    }

    #[test]
    fn a_code_works_once_and_one_step_early_or_late() {
        let secret = b"12345678901234567890";
        let now = Time(1_111_111_111_000);
        let step = now.0 / STEP;
        for near in [step - 1, step, step + 1] {
            let code = code(secret, near).unwrap();
            assert_eq!(find_step(secret, code, now, 0), Some(near));
            assert_eq!(find_step(secret, code, now, near), None);
        }
        for far in [step - 2, step + 2] {
            assert_eq!(find_step(secret, code(secret, far).unwrap(), now, 0), None);
        }
    }

    #[test]
    fn secrets_are_encoded_as_base32() {
        // RFC 4648, 10.
        for (bytes, text) in [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foobar", "MZXW6YTBOI")] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }
}
