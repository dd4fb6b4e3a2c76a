//! Codes of an authenticator app, independently implemented (RFC 6238).

use domain::Clock;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha1::Sha1;

/// The code that an app shows now, after it was set up with this response.
pub fn totp_code(setup: &Value, clock: &Clock) -> String {
    let secret = setup["secret"].as_str().expect("a secret").as_bytes();
    let value = |c: u8| u64::from(if c.is_ascii_digit() { c - b'2' + 26 } else { c - b'A' });
    let bytes = |part: &[u8]| part.iter().fold(0, |bits, c| bits << 5 | value(*c)).to_be_bytes()[3..].to_vec();
    let key: Vec<u8> = secret.chunks_exact(8).flat_map(bytes).collect();
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(&key).expect("a key");
    mac.update(&(clock.now().0 / 30_000).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let offset = usize::from(digest[19] & 15);
    let word = u32::from_be_bytes(digest[offset..offset + 4].try_into().expect("four bytes")) & 0x7fff_ffff;
    format!("{:06}", word % 1_000_000)
}
