//! Cursors and pages.

use protocol::{Error, Result, error::Code, page::Page};

/// Parses the id in a list's cursor.
pub fn parse_cursor(cursor: Option<&str>) -> Result<Option<uuid::Uuid>> {
    let invalid = |_| Error::new(Code::InvalidCursor, "Pass the next_cursor of the previous page unchanged.");
    cursor.map(str::parse).transpose().map_err(invalid)
}

/// Builds a page from rows that were read with one more than the limit.
pub fn page_from_rows<T>(mut items: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Page<T> {
    let limit = limit as usize;
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items.last().filter(|_| more).map(cursor);
    Page { items, next_cursor }
}
