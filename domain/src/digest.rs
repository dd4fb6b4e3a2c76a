//! Hexadecimal text, and hashes.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use uuid::Uuid;

/// Hex encoding.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Hash of some ids, in hex.
pub fn of_ids(ids: impl Iterator<Item = Uuid>) -> String {
    let hash = ids.fold(Sha256::new(), |hash, id| hash.chain_update(id.as_bytes())).finalize();
    hex(&hash)
}

/// Hash by which a repeated request is compared with the first one of the same idempotency key: truncated to 64 bits to
/// save space.
pub fn request_hash(request: &[u8]) -> i64 {
    Sha256::digest(request).iter().take(8).fold(0, |hash, byte| hash << 8 | i64::from(*byte))
}
