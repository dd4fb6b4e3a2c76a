//! Cursors and pages.

use crate::digest::hex;
use protocol::{Error, Result, error::Code, page::Page};
use serde::{Serialize, de::DeserializeOwned};

/// Parses the id in a list's cursor.
pub fn parse_cursor(cursor: Option<&str>) -> Result<Option<uuid::Uuid>> {
    let invalid = |_| Error::new(Code::InvalidCursor, "Pass the next_cursor of the previous page unchanged.");
    cursor.map(str::parse).transpose().map_err(invalid)
}

/// Encodes a cursor of several values: opaque for clients, and without characters that need escaping.
pub fn encode_cursor(cursor: &impl Serialize) -> String {
    hex(&serde_json::to_vec(cursor).unwrap_or_default())
}

/// Decodes such a cursor.
pub fn decode_cursor<T: DeserializeOwned>(text: &str) -> Result<T> {
    let invalid = || Error::new(Code::InvalidCursor, "Pass next_cursor back unchanged, or leave cursor out.");
    let pairs = text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    let json: Vec<u8> = pairs.collect::<Option<_>>().ok_or_else(invalid)?;
    // The text is passed to the database; a cursor that we encoded never contains NUL.
    let text = std::str::from_utf8(&json).ok().filter(|text| !text.contains(r"\u0000"));
    text.and_then(|text| serde_json::from_str(text).ok()).ok_or_else(invalid)
}

/// Builds a page from rows that were read with one more than the limit.
pub fn page_from_rows<T>(mut items: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Page<T> {
    let limit = limit as usize;
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(cursor);
    Page { items, next_cursor }
}
