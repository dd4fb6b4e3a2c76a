//! Hexadecimal text, and the hash of a request.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Hex encoding.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Hash by which a repeated request is compared with the first one of the same idempotency key: truncated to 64 bits to
/// save space.
pub fn request_hash(request: &[u8]) -> i64 {
    Sha256::digest(request).iter().take(8).fold(0, |hash, byte| hash << 8 | i64::from(*byte))
}
