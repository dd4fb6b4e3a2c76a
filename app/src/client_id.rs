//! Random client ids, by which the server recognises duplicate requests.

use protocol::id::ClientId;
use std::fmt::Write as _;

/// A new unique id: 128 random bits. In the browser the first 48 are the time instead, so that the server finds the place
/// of a new message at the end of its index.
pub fn generate() -> ClientId {
    let mut text = String::with_capacity(32);
    for byte in random() {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    ClientId(text)
}

#[cfg(feature = "ssr")]
fn random() -> [u8; 16] {
    rand::random()
}

#[cfg(not(feature = "ssr"))]
fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    // `crypto.randomUUID` exists only on secure origins; this works on a plain-HTTP local network too.
    if let Ok(crypto) = leptos::prelude::window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    if let Some((time, _)) = bytes.split_first_chunk_mut() {
        let [_, _, now @ ..] = crate::browser::now().0.to_be_bytes();
        *time = now;
    }
    bytes
}
